#include "cli/cli.h"
#include "mem/mem.h"

int main(int argc, char **argv)
{
    mem_process_setup();
    return cli_main(argc, argv);
}
