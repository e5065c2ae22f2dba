#include <stddef.h>

#include "cli/command_tables.h"

const struct cli_option cli_exec_options[] = {
    {OPTION("memory", 0, CLI_SIZE, exec_arguments, memory), .argument = "SIZE",
     .section = "What it may use",
     .help = "Memory of the command and all it starts: 64MiB, 1.5GB. A command that needs more is "
             "ended, and weir tells why. Default: no limit; memory is only watched. With --batch: "
             "what all jobs that run at once may have together; default: what the machine or "
             "container can spare, less a tenth."},
    {OPTION("cpus", 0, CLI_REAL, exec_arguments, cpus), .argument = "N",
     .section = "What it may use",
     .help = "Processors it may use at once, as in 2 or 0.5; with --batch all together. Default: "
             "all."},
    {OPTION("timeout", 0, CLI_DURATION, exec_arguments, timeout_ns), .argument = "TIME",
     .section = "What it may use",
     .help = "Stop it after this time: 250ms, 30s, 5m, 1.5h. Default: never. In a batch the line "
             "of a job says it."},
    {OPTION("grace", 0, CLI_DURATION, exec_arguments, grace_ns), .argument = "TIME",
     .section = "What it may use", .preset = "10s",
     .help = "Time between the request to end (SIGTERM) and the end (SIGKILL)."},
    {OPTION("processes", 0, CLI_COUNT, exec_arguments, processes), .argument = "N",
     .section = "What it may use",
     .help = "Processes and threads it may have at once. Default: no limit. In a batch the line of "
             "a job says it."},
    {OPTION("env", 0, CLI_NAMES, exec_arguments, environment), .argument = "NAMES",
     .section = "What it gets",
     .help = "Environment variables passed on besides PATH, HOME, LANG, PYTHON* and the like, "
             "separated by commas; AWS_* stands for all that begin so."},
    {OPTION("env-all", 0, CLI_FLAG, exec_arguments, environment_all), .section = "What it gets",
     .help = "Pass on the whole environment, secrets included."},
    {OPTION("pid-namespace", 0, CLI_FLAG, exec_arguments, pid_namespace), .section = "What it gets",
     .help = "Run commands in a PID namespace of this weir: they see and can signal only each "
             "other, and the kernel ends all of them with weir. It changes what a program learns "
             "of itself: getpid and /proc have numbers of their own, getppid says 0. Needs root's "
             "rights; weir doctor tells."},
    {OPTION("batch", 0, CLI_TEXT, exec_arguments, batch), .argument = "FILE",
     .section = "Many commands",
     .help = "Run the jobs of a file, as many at once as --memory and --cpus have room for; - is "
             "standard input. A line is a JSON object: command, and where wanted name, memory, "
             "cpus, timeout, processes, directory, environment, after, retry_strategy."},
    {OPTION("output-dir", 'o', CLI_TEXT, exec_arguments, output), .argument = "DIR",
     .section = "Many commands",
     .help = "Folder for the ledger, the logs and the work folders. Default: weir-out."},
    {OPTION("resume", 0, CLI_TEXT, exec_arguments, resume), .argument = "RUN",
     .section = "Many commands",
     .help = "Go on with a run of that folder, by its number or as last: jobs that are finished "
             "there are not run again, unless they were changed."},
    {OPTION("jobs", 0, CLI_COUNT, exec_arguments, jobs), .argument = "N",
     .section = "Many commands",
     .help = "At most so many jobs at once. Default: as many as there is room for."},
    {OPTION("job-memory", 0, CLI_SIZE, exec_arguments, job_memory), .argument = "SIZE",
     .section = "Many commands",
     .help = "Memory of each job whose line names none. Default: 1GiB, or all of --memory where "
             "that is less."},
    {OPTION("attempts", 0, CLI_COUNT, exec_arguments, attempts), .argument = "N",
     .section = "Many commands",
     .help = "Try a job again when memory ran out, up to N times in all, where its line has no "
             "retry_strategy: with more memory if its own limit was the reason. Default: once."},
    {OPTION("fail-fast", 'x', CLI_FLAG, exec_arguments, fail_fast), .section = "Many commands",
     .help = "Start nothing new once a job has failed."},
    {OPTION("wait", 0, CLI_DURATION, exec_arguments, wait_ns), .argument = "TIME",
     .section = "Many commands",
     .help = "Wait up to this time while another weir uses the folder. Default: do not wait, say "
             "which one it is."},
    {OPTION("log-size", 0, CLI_SIZE, exec_arguments, log_size), .argument = "SIZE",
     .section = "Many commands",
     .help = "How much is kept of what an attempt writes to standard output, and to standard "
             "error: its beginning, and of a longer one the last 16KiB as well. Default: 16MiB."},
    {OPTION("dry-run", 'n', CLI_FLAG, exec_arguments, dry_run), .section = "Many commands",
     .help = "Tell what would be run and which jobs can never fit; make and run nothing."},
    {OPTION("progress", 0, CLI_CHOICE, exec_arguments, progress), .argument = "WHEN",
     .section = "What is told", .preset = "auto", .choices = cli_progress_choices,
     .help = "Memory over time on standard error: auto, always or never. On a terminal a live "
             "curve, elsewhere a line now and then. With --batch a line for each job that ended; "
             "always adds one for each that begins."},
    {OPTION("quiet", 'q', CLI_FLAG, exec_arguments, quiet), .section = "What is told",
     .help = "No curve, and no line about a command that went well."},
    {OPTION("json", 0, CLI_FLAG, exec_arguments, json), .section = "What is told",
     .help = "The report as JSON: the last line on standard error, in place of text. With --batch: "
             "events as JSON lines on standard output, in place of the summary."},
    {OPTION("report", 0, CLI_TEXT, exec_arguments, report), .argument = "PATH",
     .section = "What is told",
     .help = "Write the report as JSON to a file, which is replaced when the command has ended."},
    {OPTION("samples", 0, CLI_TEXT, exec_arguments, samples), .argument = "PATH",
     .section = "What is told",
     .help = "Write memory and processes over time to a file, as tab-separated values."},
    {0},
};

const struct cli_example cli_exec_examples[] = {
    {"weir exec --memory 2GiB -- python job.py",
     "Runs a script with at most 2 GiB. If that is too little, weir says so, with the line of "
     "Python that was running and a figure to try."},
    {"weir exec python job.py", "No limit: how much memory does it take?"},
    {"weir exec --timeout 30m --cpus 2 --samples memory.tsv -- make test",
     "Stops all processes after half an hour and keeps the memory over time."},
    {"weir exec --memory 8GiB --report run.json -- dbt build; jq -r .verdict run.json",
     "In a script: the word for what happened."},
    {"weir exec --batch jobs.jsonl --memory 8GiB",
     "Runs all jobs of the file, with at most 8 GiB for those that run at once. A line is "
     "{\"name\": \"load\", \"command\": [\"python\", \"load.py\"], \"memory\": \"2GiB\"}; "
     "\"after\": [\"load\"] lets a job wait for others."},
    {"weir exec --batch jobs.jsonl --memory 8GiB --resume last",
     "After a failure, a stop or the death of weir: runs what is not finished."},
    {0},
};
