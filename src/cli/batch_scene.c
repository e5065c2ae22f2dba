#include "cli/batch_scene.h"

#include <string.h>

#include "term/text.h"

struct explain_facts batch_facts(const struct batch_scene *scene, const struct batch_event *event)
{
    struct explain_facts facts = {
        .arguments = scene->jobs->items[event->job].arguments,
        .memory_option = "memory",
        .timeout_option = "timeout",
    };
    if (event->result->facts != NULL)
        facts = *event->result->facts;
    facts.utf8 = scene->utf8;
    facts.colour = scene->colour;
    return facts;
}

char *batch_cpus(uint64_t milli_cpus, char buffer[static 32])
{
    snprintf(buffer, 32, "%.12g", (double)milli_cpus / 1000);
    return buffer;
}

/* ---- why the oldest waits ---- */

static void memory_wait(const struct batch_view *view, char *buffer, size_t size)
{
    char needs[24], left[24];
    uint64_t unused = view->pool.memory - view->memory_granted;
    snprintf(buffer, size, "memory: the oldest needs %s, %s are free",
             mem_format_size(unused + view->wait.memory_missing, needs),
             mem_format_size(unused, left));
}

static void cpus_wait(const struct batch_view *view, char *buffer, size_t size)
{
    char needs[32], left[32];
    uint64_t unused = view->pool.milli_cpus - view->milli_cpus_granted;
    snprintf(buffer, size, "processors: the oldest needs %s, %s are free",
             batch_cpus(unused + view->wait.milli_cpus_missing, needs), batch_cpus(unused, left));
}

char *batch_wait_text(const struct batch_view *view, char *buffer, size_t size)
{
    char count[48], why[160] = "their turn";
    buffer[0] = '\0';
    if (view->paused || view->wait.reason == ADMISSION_FOR_HOST) {
        snprintf(buffer, size, "the host is short of memory: nothing new is started");
        return buffer;
    }
    if (view->waits_for_room == 0 || view->cancelled)
        return buffer;
    if (view->wait.reason == ADMISSION_FOR_MEMORY)
        memory_wait(view, why, sizeof why);
    else if (view->wait.reason == ADMISSION_FOR_CPUS)
        cpus_wait(view, why, sizeof why);
    else if (view->wait.reason == ADMISSION_FOR_ANOTHER)
        snprintf(why, sizeof why, "one that was overtaken often and has room kept for it");
    else if (view->wait.reason == ADMISSION_FOR_REDUCER)
        snprintf(why, sizeof why, "room for the job that takes up what their group makes");
    snprintf(buffer, size, "%s %s for %s", text_count(view->waits_for_room, count),
             view->waits_for_room == 1 ? "waits" : "wait", why);
    return buffer;
}

/* ---- commands to type ---- */

static bool is_plain(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || (byte != '\0' && strchr("._-/+=:,@%", byte) != NULL);
}

void batch_put_word(FILE *stream, const char *word)
{
    size_t plain = 0;
    while (is_plain(word[plain]))
        plain++;
    if (plain > 0 && word[plain] == '\0') {
        fputs(word, stream);
        return;
    }
    fputc('\'', stream);
    for (const char *quote; (quote = strchr(word, '\'')) != NULL; word = quote + 1) {
        char piece[4200]; /* more than any path has */
        snprintf(piece, sizeof piece, "%.*s", (int)(quote - word), word);
        text_put(stream, piece);
        fputs("'\\''", stream);
    }
    text_put(stream, word);
    fputc('\'', stream);
}

static void put_folder(FILE *stream, const struct batch_scene *scene)
{
    if (strcmp(scene->folder, BATCH_FOLDER) == 0)
        return;
    fputs(" -o ", stream);
    batch_put_word(stream, scene->folder);
}

void batch_put_logs_command(FILE *stream, const struct batch_scene *scene, const struct job *job)
{
    fputs("weir logs", stream);
    put_folder(stream, scene);
    fprintf(stream, " %lld ", (long long)scene->run);
    batch_put_word(stream, job->name);
}

void batch_put_report_command(FILE *stream, const struct batch_scene *scene)
{
    fputs("weir report", stream);
    put_folder(stream, scene);
    fprintf(stream, " %lld", (long long)scene->run);
}

void batch_put_resume_command(FILE *stream, const struct batch_scene *scene)
{
    char size[32];
    fputs("weir exec --batch ", stream);
    batch_put_word(stream, scene->path);
    if (scene->memory_said > 0)
        fprintf(stream, " --memory %s", explain_size_option(scene->memory_said, size, sizeof size));
    if (scene->cpus_said > 0)
        fprintf(stream, " --cpus %g", scene->cpus_said);
    put_folder(stream, scene);
    fprintf(stream, " --resume %lld", (long long)scene->run);
}
