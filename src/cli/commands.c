#include <stddef.h>
#include <string.h>

#include "cli/command_tables.h"

#define NO_MOST SIZE_MAX

static const char *const formats[] = {"parquet", "csv", "arrow", "jsonl", NULL};
const char *const cli_progress_choices[] = {"auto", "always", "never", NULL};
static const char *const stream_formats[] = {"arrow", NULL};
static const char *const layouts[] = {"pyarrow", "plain", "zstd", "polars", "spark", NULL};
static const char *const shells[] = {"bash", "zsh", "fish", NULL};
static const char *const command_names[] = {"sum",  "inspect",    "diff",    "synth",  "exec",
                                            "runs", "logs",       "report",  "doctor", "help",
                                            "man",  "completion", "version", NULL};
static const char *const orders[] = {"peak", "figure", "waste", "time", NULL};

const struct cli_option cli_common_options[] = {
    {OPTION("help", 'h', CLI_FLAG, cli_call, wants_help), .section = "General",
     .help = "Explain the command, with examples."},
    {OPTION("no-color", 0, CLI_FLAG, cli_call, no_colour), .section = "General",
     .help = "No colours, as with the environment variable NO_COLOR."},
    {0},
};

static const struct cli_option sum_options[] = {
    {OPTION("by", 0, CLI_NAMES, sum_arguments, by), .argument = "COLUMNS",
     .section = "What to compute",
     .help = "Key columns, separated by commas: one result row for each combination of their "
             "values. May be repeated; without it there is one row for all. Write \\, for a comma "
             "within a name."},
    {OPTION("sum", 0, CLI_NAMES, sum_arguments, sums), .argument = "COLUMNS",
     .section = "What to compute", .help = "Columns to add up. A result keeps its column's name."},
    {OPTION("agg", 0, CLI_ITEMS, sum_arguments, aggregates), .argument = "LIST",
     .section = "What to compute",
     .help = "More results, as FUNCTION:COLUMN or FUNCTION:COLUMN=NAME, separated by commas. "
             "Functions: sum, count, min, max, mean; count:* counts rows. Without =NAME the result "
             "of sum:value is called value_sum, that of count:* count."},
    {OPTION("where", 0, CLI_TEXT, sum_arguments, where), .argument = "FILTER",
     .section = "What to compute",
     .help =
         "Only the rows for which this is true: comparisons (= != < <= > >=), in (...), "
         "between, is null, is not null, joined by and, or, not and parentheses. Text stands in "
         "single quotes, dates and times as they are: Date >= 2025-01-01. Row groups and pages "
         "that surely have no such row are not read."},
    {OPTION("rename", 0, CLI_ITEMS, sum_arguments, renames), .argument = "OLD=NEW",
     .section = "What to compute",
     .help = "Files without a column NEW have it under the name OLD: keys, values, and columns of "
             "--where. Separated by commas, or repeated. Write \\, or \\= for those signs within a "
             "name."},
    {OPTION("stdin", 0, CLI_CHOICE, sum_arguments, standard_input), .argument = "FORMAT",
     .section = "What to compute", .choices = stream_formats,
     .help = "Rows come on standard input instead of from files: arrow, streams in Arrow's IPC "
             "format, any number of them one behind the other. They are read once."},
    {OPTION("output", 'o', CLI_TEXT, sum_arguments, output), .argument = "PATH",
     .section = "Where the result goes",
     .help = "Result file, which appears whole or not at all; - is standard output. Without it "
             "the first rows are shown as a table."},
    {OPTION("format", 0, CLI_CHOICE, sum_arguments, format), .argument = "FORMAT",
     .section = "Where the result goes", .choices = formats,
     .help = "Format of the result: parquet, csv, arrow or jsonl. By default it follows from the "
             "ending of the output's name; for standard output it is csv."},
    {OPTION("compression", 0, CLI_TEXT, sum_arguments, compression), .argument = "CODEC[:LEVEL]",
     .section = "Where the result goes",
     .help = "For Parquet: snappy, zstd, gzip, lz4, brotli or none; zstd, gzip and brotli take a "
             "level, as in zstd:7. Default: snappy."},
    {OPTION("overwrite", 0, CLI_FLAG, sum_arguments, overwrite), .section = "Where the result goes",
     .help = "Replace the output if it is there already."},
    {OPTION("sort", 0, CLI_FLAG, sum_arguments, sort), .section = "Where the result goes",
     .help =
         "Rows ascending by key, NULL first. Without it they come in the order of the first "
         "file where files are aligned, ascending where keys are merged or numbered, else in an "
         "order that follows from the keys. Which of these it is may depend on --memory."},
    {OPTION("rows", 0, CLI_COUNT, sum_arguments, rows), .argument = "N",
     .section = "Where the result goes", .preset = "10",
     .help = "Rows shown when there is no --output."},
    {OPTION("memory", 0, CLI_SIZE, sum_arguments, memory), .argument = "SIZE",
     .section = "How much of the machine",
     .help = "Never hold more memory than this: 64MiB, 1.5GB. Default: what the machine or the "
             "container can spare."},
    {OPTION("temp", 0, CLI_TEXT, sum_arguments, temp), .argument = "DIR",
     .section = "How much of the machine",
     .help = "Folder for rows that find no room in memory, in a file without a name that vanishes "
             "with weir; it is asked for room before. Default: $TMPDIR, else /tmp."},
    {OPTION("cache", 0, CLI_TEXT, sum_arguments, cache), .argument = "DIR",
     .section = "How much of the machine",
     .help =
         "Folder of what is known of the keys of files from earlier runs, so that they need not "
         "be read again: a fingerprint of the keys of each, 256 MiB in all at most. Default: "
         "weir/keys in $XDG_CACHE_HOME or ~/.cache."},
    {OPTION("no-cache", 0, CLI_FLAG, sum_arguments, no_cache), .section = "How much of the machine",
     .help = "Neither use nor keep what is known of keys."},
    {OPTION("verify-keys", 0, CLI_FLAG, sum_arguments, verify_keys),
     .section = "How much of the machine",
     .help = "Compare keys even where they are known from an earlier run."},
    {OPTION("threads", 0, CLI_COUNT, sum_arguments, threads), .argument = "N",
     .section = "How much of the machine", .preset = "0",
     .help = "Threads; 0 is one for each processor. The result does not depend on it."},
    {OPTION("dry-run", 'n', CLI_FLAG, sum_arguments, dry_run), .section = "What is told",
     .help = "Read the footers, print the plan and what it will cost, and stop."},
    {OPTION("explain", 0, CLI_FLAG, sum_arguments, explain), .section = "What is told",
     .help = "Print the plan before and a report after on standard error: why this way, what was "
             "proven and how."},
    {OPTION("json", 0, CLI_FLAG, sum_arguments, json), .section = "What is told",
     .help = "Plan and report as one JSON document on standard output; on standard error when the "
             "rows themselves go to standard output."},
    {OPTION("progress", 0, CLI_CHOICE, sum_arguments, progress), .argument = "WHEN",
     .section = "What is told", .preset = "auto", .choices = cli_progress_choices,
     .help = "Progress on standard error: auto, always or never. On a terminal a live display, "
             "elsewhere a line every few seconds."},
    {OPTION("quiet", 'q', CLI_FLAG, sum_arguments, quiet), .section = "What is told",
     .help = "No progress and no summary; errors only."},
    {0},
};

static const struct cli_example sum_examples[] = {
    {"weir sum --by path,Date --sum value simulations/",
     "Adds up value over all Parquet files of a folder, for each path and Date, and shows the "
     "first rows."},
    {"weir sum --by path,Date --sum value -o total.parquet --memory 64MiB 'sim-*.parquet'",
     "Writes the result as Parquet and never holds more than 64 MiB. The pattern is quoted: weir "
     "expands it itself, so that it may stand for any number of files."},
    {"weir sum --by path,Date --agg 'mean:value,max:value=worst,count:*' -o - @files.txt",
     "Several results as CSV on standard output; files.txt names one file a line."},
    {"weir sum --dry-run --by path,Date --sum value simulations/",
     "Says which way is expected, how much will be read and how much memory it needs."},
    {"weir sum --by Date --sum value --where 'path < 1000 and Date >= 2025-01-05' simulations/",
     "Only some rows, by one column of the key."},
    {"weir sum --by path,Date --sum value --rename Path=path --explain 2024/ 2025/",
     "Files that do not align, some of which call a column Path; says how they were summed."},
    {"weir sum --agg 'sum:value,count:*' simulations/", "One row for all."},
    {0},
};

static const struct cli_option inspect_options[] = {
    {OPTION("summary", 0, CLI_FLAG, inspect_arguments, summary), .section = "What is told",
     .help = "Decode every value: for each column its count, nulls, exact sum, minimum and "
             "maximum."},
    {OPTION("verify", 0, CLI_FLAG, inspect_arguments, verify), .section = "What is told",
     .help = "Decode every page and hold checksums, counts, statistics and page index against the "
             "data; list all that is wrong."},
    {OPTION("pages", 0, CLI_FLAG, inspect_arguments, pages), .section = "What is told",
     .help = "List the pages of every column: offset, encoding, sizes, values."},
    {OPTION("raw", 0, CLI_FLAG, inspect_arguments, raw), .section = "What is told",
     .help = "With --summary --json: one line of JSON a file in the form that scripts compare, "
             "with a digest of all values."},
    {OPTION("json", 0, CLI_FLAG, inspect_arguments, json), .section = "What is told",
     .help = "One JSON document on standard output."},
    {OPTION("memory", 0, CLI_SIZE, inspect_arguments, memory), .argument = "SIZE",
     .section = "How much of the machine", .preset = "256MiB",
     .help = "Memory that footer and pages may take; a file that needs more is an error."},
    {0},
};

static const struct cli_example inspect_examples[] = {
    {"weir inspect total.parquet",
     "Columns, codecs and encodings of a file, and the memory it would take when loaded."},
    {"weir inspect --summary total.parquet",
     "Count, nulls, exact sum, minimum and maximum of each column."},
    {"weir inspect --verify simulations/", "Is anything wrong with these files?"},
    {"weir inspect --json simulations/ | jq '.files[].rows'", "Rows of each file of a folder."},
    {0},
};

static const struct cli_option diff_options[] = {
    {OPTION("by", 0, CLI_NAMES, diff_arguments, by), .argument = "COLUMNS",
     .section = "What to compare",
     .help = "Key columns, separated by commas. Default: every column that both files have and "
             "that is no floating-point number."},
    {OPTION("tolerance", 0, CLI_REAL, diff_arguments, tolerance), .argument = "T",
     .section = "What to compare", .preset = "0",
     .help = "Numbers count as equal when they differ by at most T."},
    {OPTION("rows", 0, CLI_COUNT, diff_arguments, rows), .argument = "N", .section = "What is told",
     .preset = "10", .help = "Differences shown, the largest first."},
    {OPTION("json", 0, CLI_FLAG, diff_arguments, json), .section = "What is told",
     .help = "One JSON document on standard output."},
    {OPTION("memory", 0, CLI_SIZE, diff_arguments, memory), .argument = "SIZE",
     .section = "How much of the machine", .preset = "1GiB",
     .help = "Memory for reading and sorting; what does not fit is sorted on disk."},
    {0},
};

static const struct cli_example diff_examples[] = {
    {"weir diff yesterday.parquet today.parquet --by path,Date",
     "Which keys came and went, and where the values differ most."},
    {"weir diff a.parquet b.parquet --tolerance 1e-9 && echo equal",
     "In a script: the exit status is 0 when the files agree and 1 when they do not."},
    {0},
};

static const struct cli_option synth_options[] = {
    {OPTION("files", 0, CLI_COUNT, synth_arguments, files), .argument = "N",
     .section = "What to write", .preset = "10", .help = "Number of files."},
    {OPTION("paths", 0, CLI_COUNT, synth_arguments, paths), .argument = "N",
     .section = "What to write", .preset = "50000",
     .help = "Simulated paths in each file; rows are paths times dates."},
    {OPTION("dates", 0, CLI_COUNT, synth_arguments, dates), .argument = "N",
     .section = "What to write", .preset = "120", .help = "Dates of each path."},
    {OPTION("seed", 0, CLI_COUNT, synth_arguments, seed), .argument = "N",
     .section = "What to write", .preset = "1",
     .help = "The same seed gives the same bytes on every machine."},
    {OPTION("layout", 0, CLI_CHOICE, synth_arguments, layout), .argument = "WRITER",
     .section = "What to write", .preset = "pyarrow", .choices = layouts,
     .help = "Lay files out as this writer does: pyarrow, plain (fastparquet), zstd, polars or "
             "spark."},
    {OPTION("overwrite", 0, CLI_FLAG, synth_arguments, overwrite), .section = "What to write",
     .help = "Replace files that are there already."},
    {OPTION("progress", 0, CLI_CHOICE, synth_arguments, progress), .argument = "WHEN",
     .section = "What is told", .preset = "auto", .choices = cli_progress_choices,
     .help = "Progress on standard error: auto, always or never."},
    {OPTION("quiet", 'q', CLI_FLAG, synth_arguments, quiet), .section = "What is told",
     .help = "No progress and no summary; errors only."},
    {0},
};

static const struct cli_example synth_examples[] = {
    {"weir synth demo --files 20 && weir sum --by path,Date --sum value demo",
     "Something to try weir on: 20 files of 6,000,000 rows each."},
    {"weir synth small --files 3 --paths 100 --layout spark", "Small files for a test."},
    {0},
};

static const struct cli_option runs_options[] = {
    {OPTION("output-dir", 'o', CLI_TEXT, runs_arguments, output_dir), .argument = "DIR",
     .section = "Where to look", .preset = "weir-out",
     .help = "Folder that weir exec --batch keeps its ledger in."},
    {OPTION("limit", 0, CLI_COUNT, runs_arguments, limit), .argument = "N",
     .section = "What is told", .preset = "20", .help = "Runs listed, the newest first; 0 is all."},
    {OPTION("json", 0, CLI_FLAG, runs_arguments, json), .section = "What is told",
     .help = "One JSON document on standard output, with a list of runs. Times are nanoseconds, "
             "moments counted from 1970 (Unix time)."},
    {0},
};

static const struct cli_example runs_examples[] = {
    {"weir runs", "What has run with the folder weir-out, and what became of it."},
    {"weir runs -o /data/out --limit 0 --json | jq '.runs[] | select(.status == \"lost\")'",
     "Runs during which weir itself was killed; weir exec --resume goes on with them."},
    {0},
};

static const struct cli_option logs_options[] = {
    {OPTION("output-dir", 'o', CLI_TEXT, logs_arguments, output_dir), .argument = "DIR",
     .section = "Where to look", .preset = "weir-out",
     .help = "Folder that weir exec --batch keeps its ledger in."},
    {OPTION("attempt", 0, CLI_COUNT, logs_arguments, attempt), .argument = "N",
     .section = "Where to look", .help = "This attempt, from 1. Default: the last one."},
    {OPTION("stdout", 0, CLI_FLAG, logs_arguments, output), .section = "What is told",
     .help = "Standard output alone, byte for byte where it is no terminal."},
    {OPTION("stderr", 0, CLI_FLAG, logs_arguments, errors), .section = "What is told",
     .help = "Standard error alone, in the same way."},
    {OPTION("memory", 0, CLI_FLAG, logs_arguments, memory), .section = "What is told",
     .help = "Memory over time: on a terminal a plot, elsewhere tab-separated values."},
    {OPTION("follow", 'f', CLI_FLAG, logs_arguments, follow), .section = "What is told",
     .help = "Print what it writes as it comes, until it has ended; a job that has not begun is "
             "waited for."},
    {OPTION("json", 0, CLI_FLAG, logs_arguments, json), .section = "What is told",
     .help = "One JSON document on standard output: the report, the memory over time as pairs of "
             "milliseconds and bytes, and where the logs lie."},
    {0},
};

static const struct cli_example logs_examples[] = {
    {"weir logs last load", "What the job load of the newest run wrote, and why it failed."},
    {"weir logs 12 load --attempt 1 --stderr | less", "Standard error of an earlier attempt."},
    {"weir logs last load --memory", "Its memory over time as a plot, with the limit."},
    {"weir logs last load --follow", "What it writes now."},
    {0},
};

static const struct cli_option report_options[] = {
    {OPTION("output-dir", 'o', CLI_TEXT, report_arguments, output_dir), .argument = "DIR",
     .section = "Where to look", .preset = "weir-out",
     .help = "Folder that weir exec --batch keeps its ledger in."},
    {OPTION("sort", 0, CLI_CHOICE, report_arguments, sort), .argument = "ORDER",
     .section = "What is told", .preset = "waste", .choices = orders,
     .help = "Which jobs are listed first, those with the most: peak, figure, waste (memory that "
             "was granted and not used, times how long) or time."},
    {OPTION("limit", 0, CLI_COUNT, report_arguments, limit), .argument = "N",
     .section = "What is told", .preset = "20", .help = "Jobs in each list; 0 is all."},
    {OPTION("json", 0, CLI_FLAG, report_arguments, json), .section = "What is told",
     .help = "One JSON document on standard output: run, summary, and the lists of jobs."},
    {0},
};

static const struct cli_example report_examples[] = {
    {"weir report", "How good the figures of the newest run were, and which ones to change."},
    {"weir report 12 --sort peak --limit 50", "The 50 jobs that used the most memory."},
    {"weir report --limit 0 --json | jq -r '.too_small[] | [.job, .try_bytes] | @tsv'",
     "A figure to try for each job that ran out of memory."},
    {0},
};

static const struct cli_option doctor_options[] = {
    {OPTION("json", 0, CLI_FLAG, doctor_arguments, json), .section = "What is told",
     .help = "One JSON document on standard output."},
    {0},
};

static const struct cli_example doctor_examples[] = {
    {"weir doctor", "Are limits kept by the kernel here, and what would make it better?"},
    {"weir doctor --json | jq -r .limits.kind", "v2, v1 or none."},
    {0},
};

static const struct cli_option no_options[] = {{0}};

static const struct cli_example help_examples[] = {
    {"weir help sum", "What weir sum does, its options, and examples."},
    {0},
};

static const struct cli_example man_examples[] = {
    {"weir man sum > weir-sum.1", "Writes the page to a file."},
    {"weir man sum | man -l -", "Shows the page."},
    {0},
};

static const struct cli_example completion_examples[] = {
    {"weir completion bash > ~/.local/share/bash-completion/completions/weir",
     "For bash; takes effect in the next shell."},
    {"weir completion zsh > ~/.zfunc/_weir", "For zsh, with ~/.zfunc in fpath."},
    {"weir completion fish > ~/.config/fish/completions/weir.fish", "For fish."},
    {0},
};

static const struct cli_example version_examples[] = {
    {"weir version", "Prints the version, as weir --version does."},
    {0},
};

const struct cli_command cli_commands[] = {
    {.name = "sum",
     .summary = "add up Parquet files by key, exactly, in a fixed amount of memory",
     .usage = "[--by COLUMNS] [--sum COLUMNS] [--agg LIST] [OPTION...] FILE...",
     .description =
         "Reads any number of Parquet files and gives one row for each key, with sums and other "
         "aggregates of the remaining columns.\n\n"
         "Sums of floating-point numbers are exact: each is the mathematical sum of all values, "
         "rounded once. So the result is the same, bit for bit, for any order of files, any "
         "number of threads and any machine. Sums of integers and decimals are exact or an error, "
         "never wrapped. Empty values (NULL) are skipped.\n\n"
         "Files that hold the same keys in the same order are added row by row, in an amount of "
         "memory that is known before any data is read and does not grow with the number of files: "
         "--dry-run prints it together with the reason. Other files are merged where their keys "
         "ascend, else grouped; what finds no room in memory waits in a temporary file. --explain "
         "tells which way was taken and why; the result has the same bits on all of them.\n\n"
         "A key column may have another type in some files as long as its values are the same: "
         "int32 and int64, date and timestamp, decimals of other precision. NULL is a key like "
         "others, -0 is 0, and NaN is NaN.\n\n"
         "FILE is a Parquet file, a folder (its *.parquet), a quoted pattern, @LIST (a file that "
         "names one input a line) or - (such a list on standard input).",
     .fewest_operands = 1,
     .most_operands = NO_MOST,
     .operand = "FILE",
     .bare_option = "stdin",
     .options = sum_options,
     .examples = sum_examples,
     .arguments_size = sizeof(struct sum_arguments),
     .run = cli_run_sum},
    {.name = "inspect",
     .summary = "show and check what Parquet files hold, and the memory they would take",
     .usage = "[--summary | --verify | --pages] [--json] FILE...",
     .description =
         "Without an option only the footers are read. For each file: rows, row groups, the "
         "writer, and for each column its type, codecs, encodings, bytes on disk and after "
         "decompression; then what the data would occupy in memory as Arrow data, in pandas (3, "
         "and with Python objects for text as in earlier versions) and in Polars. A figure that "
         "must be estimated, for text and nested columns, is marked with ~.\n\n"
         "--summary decodes every value and tells what the columns add up to. --verify decodes "
         "every page and lists all in which the file contradicts itself or its format. --pages "
         "lists the pages themselves.\n\n"
         "A file that cannot be read, or in which --verify finds a problem, does not hide the "
         "others; the exit status is then 1.",
     .fewest_operands = 1,
     .most_operands = NO_MOST,
     .operand = "FILE",
     .options = inspect_options,
     .examples = inspect_examples,
     .arguments_size = sizeof(struct inspect_arguments),
     .run = cli_run_inspect},
    {.name = "diff",
     .summary = "compare two results by key",
     .usage = "[--by COLUMNS] [--tolerance T] [OPTION...] LEFT RIGHT",
     .description =
         "Compares two Parquet files row by row, matched by key. Numbers are compared as numbers, "
         "everything else for equality. Prints counts and the largest differences.\n\n"
         "The exit status is 0 when both files have the same keys and all values are equal within "
         "the tolerance, 1 when they differ.",
     .fewest_operands = 2,
     .most_operands = 2,
     .operand = "FILE",
     .options = diff_options,
     .examples = diff_examples,
     .arguments_size = sizeof(struct diff_arguments),
     .run = cli_run_diff},
    {.name = "synth",
     .summary = "write example files to try weir on",
     .usage = "[OPTION...] FOLDER",
     .description = "Writes files of simulated values with the columns path, Date and value, named "
                    "sim-00000.parquet and so on, laid out as everyday writers do.",
     .fewest_operands = 1,
     .most_operands = 1,
     .operand = "FOLDER",
     .options = synth_options,
     .examples = synth_examples,
     .arguments_size = sizeof(struct synth_arguments),
     .run = cli_run_synth},
    {.name = "exec",
     .summary = "run any command with a limit of memory, and say what happened to it",
     .usage = "[OPTION...] [--] COMMAND [ARGUMENT...], or: weir exec [OPTION...] --batch FILE",
     .description =
         "Runs a command, with all the processes it starts, in a cell of its own: limits of "
         "memory, processors, processes and time, kept by the kernel's control groups where weir "
         "may use them (weir doctor tells), else by watching. Nothing that the command started "
         "outlives it.\n\n"
         "Standard input, output and error are the command's own and pass unchanged. weir adds a "
         "live curve of memory on a terminal, and when the command has ended one line, or a "
         "report if it failed: what ended it and on what evidence, and for a Python program that "
         "ran out of memory the line that was running.\n\n"
         "Every end has one word, the verdict: ok, error (it ended by itself with a status other "
         "than 0), oom-limit (it needed more memory than --memory), oom-host (the machine had no "
         "memory left), timeout, cancelled (weir was stopped), signal (a crash, or somebody ended "
         "it), lost (nobody saw its end). Without evidence of memory the verdict never says "
         "memory.\n\n"
         "A command may tell how far it is, for that report and for a better figure to try: it "
         "writes lines such as \"phase loading\" and \"read 5580 of 18000 files\" to the file that "
         "WEIR_PROGRESS names in its environment. weir sum does.\n\n"
         "Options end at the command: what follows belongs to it. SIGINT, SIGTERM and SIGHUP sent "
         "to weir stop the command, with the grace; a second one ends it at once.\n\n"
         "With --batch many commands run under one ceiling: each is granted its memory before it "
         "starts, and all grants together never exceed --memory; what can never fit is refused "
         "before anything runs. What happened is kept in a folder (-o): logs and a script to run "
         "again for each attempt, and a ledger that weir runs, weir logs and weir report read. A "
         "run that was stopped or killed is resumed with --resume.",
     .fewest_operands = 1,
     .most_operands = NO_MOST,
     .operand = "COMMAND",
     .options = cli_exec_options,
     .examples = cli_exec_examples,
     .statuses = "That of the command, or 128 plus the number of the signal that ended it; 137 "
                 "when it was killed for its memory or for too many processes, 124 after "
                 "--timeout, 127 when the "
                 "command is not found and 126 when it cannot be run, 125 when weir itself failed "
                 "or the command line is wrong, 130, 143 or 129 when weir was stopped by SIGINT, "
                 "SIGTERM or SIGHUP.\n\n"
                 "With --batch: 0 when every job is ok, 1 when some failed or were left out, or "
                 "the file of jobs is wrong, 2 when the command line is wrong or a job can never "
                 "fit, 125 when weir itself failed, 130, 143 or 129 when it was stopped.",
     .runs_program = true,
     .bare_option = "batch",
     .arguments_size = sizeof(struct exec_arguments),
     .run = cli_run_exec},
    {.name = "runs",
     .summary = "list the batches that have run, and what became of them",
     .usage = "[-o DIR] [--limit N] [--json]",
     .description =
         "Reads the ledger that weir exec --batch keeps in its folder and lists its runs, the "
         "newest first: its number, by which weir logs, weir report and --resume know it, when it "
         "began, its status, how many jobs are ok, how many failed and how many there are, how "
         "long it took, and its command line.\n\n"
         "The status is running, ok (every job is), failed, cancelled (weir was stopped) or lost "
         "(weir died during it).\n\n"
         "The ledger can be read at any time, also while a batch writes it.",
     .most_operands = 0,
     .operand = "",
     .options = runs_options,
     .examples = runs_examples,
     .arguments_size = sizeof(struct runs_arguments),
     .run = cli_run_runs},
    {.name = "logs",
     .summary = "show what a job of a batch wrote, its report, and its memory over time",
     .usage = "[OPTION...] RUN JOB",
     .description =
         "Shows the last attempt of a job, or another one: how it ended, with the report that "
         "weir gave then, and what is kept of its output, standard error first. RUN is a number "
         "that weir runs lists, or last, the newest. JOB is a name from the file of the batch; a "
         "job without one is called job- and the number of its line.\n\n"
         "On a terminal control characters are shown as \\xNN. Long outputs are kept with their "
         "beginning and their end.",
     .fewest_operands = 1,
     .most_operands = 2,
     .operand = "RUN",
     .options = logs_options,
     .examples = logs_examples,
     .arguments_size = sizeof(struct logs_arguments),
     .run = cli_run_logs},
    {.name = "report",
     .summary = "hold the figures of a batch against what its jobs used",
     .usage = "[-o DIR] [--sort ORDER] [--limit N] [--json] [RUN]",
     .description =
         "Tells, for the jobs of a run (without RUN the newest), how good their figures are. The "
         "figure of a job is the memory that its last attempt was granted, its peak the most that "
         "it used, its use the one as a part of the other. After the list: how many jobs stayed "
         "within their figures, the median use, the use that nine of ten jobs do not pass, and "
         "memory over time, granted and used.\n\n"
         "A figure is too small when an attempt ran out of memory, and too large when the job "
         "went well with less than half of it. For each such job there is one number to try: the "
         "peak and a quarter, at least 16 MiB more, in whole MiB; for a job that never went well, "
         "what its own report suggests.\n\n"
         "Attempts that were lost with weir count for nothing.",
     .most_operands = 1,
     .operand = "RUN",
     .options = report_options,
     .examples = report_examples,
     .arguments_size = sizeof(struct report_arguments),
     .run = cli_run_report},
    {.name = "doctor",
     .summary = "tell how limits are kept on this machine, and what would make it better",
     .usage = "[--json]",
     .description =
         "Looks at the machine or container: how weir can limit memory, processors and processes "
         "here and why not better, how much memory there is to spare, and what else matters when "
         "commands run under limits. Each line is ok, note (good to know), warning (something is "
         "lost) or missing (weir exec cannot work).\n\n"
         "Nothing is changed. The exit status is 0 unless something is missing.",
     .most_operands = 0,
     .operand = "",
     .options = doctor_options,
     .examples = doctor_examples,
     .arguments_size = sizeof(struct doctor_arguments),
     .run = cli_run_doctor},
    {.name = "help",
     .summary = "explain weir or one of its commands",
     .usage = "[COMMAND]",
     .description = "Without a command: the list of commands.",
     .most_operands = 1,
     .operand = "COMMAND",
     .operand_choices = command_names,
     .options = no_options,
     .examples = help_examples,
     .arguments_size = sizeof(struct no_arguments),
     .run = cli_run_help},
    {.name = "man",
     .summary = "print a manual page",
     .usage = "[COMMAND]",
     .description = "Prints the manual page of weir, or of one command, in roff.",
     .most_operands = 1,
     .operand = "COMMAND",
     .operand_choices = command_names,
     .options = no_options,
     .examples = man_examples,
     .arguments_size = sizeof(struct no_arguments),
     .run = cli_run_man},
    {.name = "completion",
     .summary = "print a completion script for a shell",
     .usage = "bash|zsh|fish",
     .description = "Prints a script that completes commands, options and their values.",
     .fewest_operands = 1,
     .most_operands = 1,
     .operand = "SHELL",
     .operand_choices = shells,
     .options = no_options,
     .examples = completion_examples,
     .arguments_size = sizeof(struct no_arguments),
     .run = cli_run_completion},
    {.name = "version",
     .summary = "print the version",
     .usage = "",
     .description = "Prints the name and the version, as weir --version does.",
     .most_operands = 0,
     .operand = "",
     .options = no_options,
     .examples = version_examples,
     .arguments_size = sizeof(struct no_arguments),
     .run = cli_run_version},
    {0},
};

const struct cli_command *cli_find_command(const char *name)
{
    for (const struct cli_command *command = cli_commands; command->name != NULL; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}
