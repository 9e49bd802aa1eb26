/* fleet_rank.c - an MPI program as somebody may write it around px fleet: each rank runs the command line as a share of its
 * own, and ends them all with the first status that is not 0. fleet_engines.sh compiles it where mpicc is. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

int main(int argc, char **argv)
{
    int rank, ranks;
    char line[4096] = "exec";
    size_t at = 4;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    for (int i = 1; i < argc && at < sizeof line; i++)
        at += (size_t)snprintf(line + at, sizeof line - at, " '%s'", argv[i]);
    if (at < sizeof line)
        at += (size_t)snprintf(line + at, sizeof line - at, " --share %d/%d", rank + 1, ranks);
    const int ended = at < sizeof line ? system(line) : -1;
    const int status = ended >= 0 && WIFEXITED(ended) ? WEXITSTATUS(ended) : 127;
    if (status != 0)
        MPI_Abort(MPI_COMM_WORLD, status);
    MPI_Finalize();
    return 0;
}
