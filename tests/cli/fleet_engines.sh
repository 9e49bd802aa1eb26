#!/usr/bin/env bash
# fleet_engines.sh - the recipes of docs/FLEET.md, word for word, with Open MPI, a private Slurm of one node, and GNU parallel: shares
# that are the whole, exit statuses, ranks and jobs that die, and going on behind them. Skips by name what is not here.
# Usage: fleet_engines.sh mpirun|slurm|parallel
[ -w /dev/shm ] && export TMPDIR=${TMPDIR:-/dev/shm}
. tests/cli/lib.sh
PATH=$dir/bin:$PATH:/usr/sbin
root=$PWD
mkdir "$dir/bin" "$dir/programs"
ln -s "$(realpath "$PX")" "$dir/bin/px"
printf '  .size 8, 4\n  li r1, 24\n  set r2, rgba(255, 128, 0, 255)\n  st [r1], r2\n  halt\n' >"$dir/dot.pxa"
printf '  .size 8, 4\n  li r1, 32\n  jr r1\n' >"$dir/jump.pxa"
printf '  .size 8, 4\nagain: jmp again\n' >"$dir/loop.pxa"
for name in dot jump loop; do "$PX" asm -q "$dir/$name.pxa" -o "$dir/$name.pxi"; done
for i in $(seq 40); do cp "$dir/dot.pxi" "$dir/programs/p$i.pxi"; done
cd "$dir" || exit 2

# The first indented block behind a heading of the document.
recipe() { awk -v heading="### $1" '$0 == heading { on = 1; next } on && /^    / { print substr($0, 5); got = 1; next } got && !/^$/ { exit }
                                    got && /^$/ { print "" }' "$root/docs/FLEET.md"; }
skip() {
    echo "1..0 # SKIP $1"
    exit 0
}
results() { find "$1" -name '*.png' 2>/dev/null | wc -l; }
# Results as they are now, and after: a file that was written twice has another inode, or another time.
stamp() { find "$1" -name '*.png' -printf '%f %i %T@\n' | sort; }
# whole FOLDER COUNT NAME: so many results, each a picture that px can read, and none that is half or doubled
whole() {
    [ "$(results "$1")" = "$2" ] && ! find "$1" -name '*.png' -print0 | xargs -0 -n1 "$PX" info -q 2>&1 | grep -i 'not a'
    result $? "$3" "$(ls "$1")"
}

# ---- Open MPI ----

binding() { # what mpirun binds to one core has that one alone, and says so
    local said
    mpirun -n 1 px fleet programs --on opencl:pocl >said 2>&1
    said=$(cat said)
    case $said in
    *'cannot'* | *'not built'* | *'no executor'*) result 0 'a rank that is bound says so # SKIP there is no pocl' ;;
    *) [ "$(nproc)" = 1 ] || grep -q '1 core of [0-9]*; .*mpirun --bind-to none' <<<"$said"
        result $? 'a rank that is bound says so, and the remedy' "$said" ;;
    esac
}

# Nobody is left behind to write into the folder, and the next one goes on.
mpirun_is_killed() {
    cp loop.pxi programs/z.pxi
    rm -r results
    sed '$d' recipe.sh >ranks.sh
    sed -i 's/^mpirun/exec mpirun/; s/--on fast/--batch 1 --on fast/' ranks.sh
    sh ranks.sh >said 2>&1 &
    local pid=$! at
    for at in $(seq 100); do
        [ "$(results results)" = 40 ] && break
        sleep 0.2
    done
    kill -TERM $pid
    wait $pid
    for at in $(seq 100); do
        flock -n results/.fleet.lock true && break
        sleep 0.1
    done
    expect 'mpirun is ended, and its ranks with it; the rest goes on' 3 '^41 programs, 40 had a result: 40 halted, 1 stopped' px fleet programs --on fast --budget 1000 --out results
    rm -r results programs/z.pxi
}

try_mpirun() {
    command -v mpirun >/dev/null || skip 'mpirun is not here (Debian: openmpi-bin)'
    mpirun --version 2>/dev/null | grep -q 'Open MPI' || skip 'mpirun is not that of Open MPI'
    # For root, and for more ranks than this machine has cores.
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
    recipe mpirun | sed 's/--on opencl:$OMPI_COMM_WORLD_LOCAL_RANK/--on fast/' >recipe.sh
    grep -q 'mpirun -n 4 --bind-to none' recipe.sh
    result $? 'docs/FLEET.md has the recipe' "$(cat recipe.sh)"
    expect 'four ranks, all halted' 0 '^40 programs, 40 had a result: 40 halted' sh recipe.sh
    whole results 40 'four ranks are the whole'
    stamp results >before
    expect 'once more: nothing is run' 0 '10 had a result: 10 halted; 0 instr' sh recipe.sh
    stamp results | cmp - before >said
    result $? 'and nothing is written' "$(cat said)"

    cp jump.pxi programs/a.pxi
    rm -r results
    expect 'a rank with a trap, the others go on: exit status 1' 1 '^41 programs, 41 had a result: 40 halted, 1 trapped' sh recipe.sh
    rm -r results programs/a.pxi
    sed "s/ px fleet/ [ \$OMPI_COMM_WORLD_RANK = 2 ] \&\& kill -9 \$\$; px fleet/" recipe.sh >dies.sh
    expect 'a rank that dies is said' 0 'exited on signal 9|returned' timeout 120 sh dies.sh
    expect 'and its share is run by the last command' 0 '^40 programs, 40 had a result: 40 halted' sh recipe.sh
    mpirun_is_killed
    binding

    command -v mpicc >/dev/null || return 0
    mpicc -o rank "$root/tests/cli/fleet_rank.c" 2>said
    result $? 'an MPI program around px fleet' "$(cat said)"
    abort 'mpirun -n 2'
}

# The exit statuses through MPI_Abort of an MPI program: they are no multiples of 256, and what was written stays.
abort() { # LAUNCHER, as a word list
    rm -rf aborted few && mkdir few && cp dot.pxi few/a.pxi && cp dot.pxi few/b.pxi
    # shellcheck disable=SC2086
    {
        expect "$1: all halted" 0 '1 program: 1 halted' $1 ./rank px fleet few --on fast --out aborted --budget 1000
        cp jump.pxi few/c.pxi
        expect "$1: status 1 survives MPI_Abort" 1 '1 trapped' $1 ./rank px fleet few --on fast --out aborted --budget 1000
        rm few/c.pxi && cp loop.pxi few/c.pxi
        expect "$1: status 3 survives MPI_Abort" 3 '1 stopped' $1 ./rank px fleet few --on fast --out aborted --budget 1000
        expect "$1: status 2 survives MPI_Abort" 2 'nowhere' $1 ./rank px fleet nowhere --on fast --out aborted
    }
    whole aborted 3 "$1: results outlive MPI_Abort"
}

# ---- GNU parallel ----

try_parallel() {
    parallel --version 2>/dev/null | grep -q 'GNU parallel' || skip 'GNU parallel is not here (Debian: parallel)'
    export PARALLEL_HOME=$dir/home
    mkdir home && touch home/will-cite
    recipe 'GNU parallel' | sed 's/host1,host2/:/' >recipe.sh
    grep -q 'parallel --sshlogin : px fleet' recipe.sh
    result $? 'docs/FLEET.md has the recipe' "$(cat recipe.sh)"
    expect 'sixteen shares' 0 'programs?: [23] halted' sh recipe.sh
    whole results 40 'sixteen shares are the whole'
    rm results/p1?.png
    stamp results >before
    cp jump.pxi programs/a.pxi
    expect 'exit status: how many shares had not 0' 1 '1 trapped' sh recipe.sh
    whole results 41 'what had no result is run'
    stamp results | comm -23 before - >said
    test ! -s said
    result $? 'and nothing twice' "$(cat said)"
}

# ---- Slurm ----

free_port() { ${PYTHON:-python3} -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# One node of two cores, whatever the machine has; its own key, sockets and folders.
start_slurm() {
    local me node i
    me=$(id -un) node=$(hostname -s)
    mkdir state spool
    head -c 128 /dev/urandom >key && chmod 400 key
    cat >slurm.conf <<CONF
ClusterName=px
SlurmctldHost=$node(127.0.0.1)
SlurmUser=$me
SlurmdUser=$me
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
AuthType=auth/munge
AuthInfo=socket=$dir/munge.sock
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SlurmdParameters=config_overrides
KillWait=10
MailProg=$(command -v true)
NodeName=$node NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=px Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
    export SLURM_CONF=$dir/slurm.conf
    munged --foreground --force --key-file "$dir/key" --socket "$dir/munge.sock" --pid-file "$dir/munged.pid" \
        --log-file "$dir/munged.log" --seed-file "$dir/seed" >munged.out 2>&1 &
    daemons=($!)
    trap stop_slurm EXIT
    slurmctld -D >slurmctld.out 2>&1 &
    daemons+=($!)
    slurmd -D >slurmd.out 2>&1 &
    daemons+=($!)
    for i in $(seq 120); do
        sinfo -h -o %T 2>/dev/null | grep -qx idle && return 0
        sleep 0.5
    done
    tail -n 5 munged.out slurmctld.log slurmd.log slurmd.out | sed 's/^/# /'
    return 1
}

# A step that MPI_Abort ended may linger, and slurmd waits for it.
stop_slurm() {
    local at children
    scancel -u "$(id -un)" 2>/dev/null
    for at in $(seq 50); do
        [ -z "$(squeue -h 2>/dev/null)" ] && break
        sleep 0.2
    done
    children=$(pgrep -P "${daemons[-1]}")
    # shellcheck disable=SC2086
    kill "${daemons[@]}" $children 2>/dev/null
    for at in $(seq 25); do
        kill -0 "${daemons[@]}" 2>/dev/null || break
        sleep 0.2
    done
    # shellcheck disable=SC2086
    kill -9 "${daemons[@]}" $children $(slurm_steps) 2>/dev/null
    wait "${daemons[@]}" 2>/dev/null
    rm -rf "$dir"
}

# Those of this Slurm: they stand in the folder that slurmd was started in.
slurm_steps() {
    local process
    for process in $(pgrep -f '^slurmstepd: '); do
        [ "$(readlink "/proc/$process/cwd")" -ef "$dir" ] && echo "$process"
    done
}

# At one time two tasks of one core each run on the node.
side_by_side() {
    local at
    sbatch -Q --array=1-2 --output=/dev/null --wrap 'sleep 20'
    for at in $(seq 100); do
        [ "$(squeue -h -t R | wc -l)" = 2 ] && break
        sleep 0.2
    done
    squeue -h -t R >said
    scancel -u "$(id -un)"
    test "$(wc -l <said)" = 2
    result $? 'two tasks of one core share the node' "$(cat said)"
}

# A job with programs that have no end is ended by its time limit of a minute, and run again.
time_limit() {
    mkdir -p results
    for i in 1 2 3 4; do cp loop.pxi "programs/z$i.pxi"; done
    sed 's/--time=60/--time=1/; s/--array=1-8/--array=1-2/; s/--on fast/--batch 1 --on fast,fast/' recipe.sh >limited.sh
    sbatch -W limited.sh >said 2>&1
    [ $? -ne 0 ]
    result $? 'a time limit is no success' "$(cat said)"
    cat slurm-*_1.out slurm-*_2.out >said
    grep -q 'DUE TO TIME LIMIT' said && [ "$(grep -c ', 2 left;' said)" = 2 ]
    result $? 'the job is ended by its time limit, and px says what is left' "$(cat said)"
    grep -q '^px fleet: 20 of 22 programs$' said
    result $? 'a log that is no terminal has progress too' "$(cat said)"
    whole results 40 'what had ended before is there'
    stamp results >before
    rm slurm-*.out
    sed 's/--out/--budget 1000 --out/' limited.sh >again.sh
    expect 'run again, it goes on: exit status 3' 3 '' sbatch -W again.sh
    cat slurm-*.out >said
    [ "$(grep -c '20 had a result: 20 halted, 2 stopped' said)" = 2 ]
    result $? 'with what was left alone' "$(cat said)"
    whole results 44 'nothing is lost by a time limit'
    stamp results | comm -23 before - >said
    test ! -s said
    result $? 'and nothing was written twice' "$(cat said)"
}

try_slurm() {
    for tool in munged slurmctld slurmd srun sbatch hostname; do
        command -v "$tool" >/dev/null || skip "$tool is not here (Debian: slurmctld, slurmd, slurm-client, munge)"
    done
    start_slurm || skip 'no Slurm of one node can be started here'
    recipe Slurm >recipe.sh
    grep -q '^.SBATCH --time' recipe.sh
    result $? 'docs/FLEET.md has the recipe' "$(cat recipe.sh)"
    expect 'an array of eight tasks' 0 '' sbatch -W recipe.sh
    whole results 40 'eight tasks are the whole'
    cp jump.pxi programs/a.pxi
    expect 'a trap in one task: exit status 1' 1 '' sbatch -W recipe.sh
    whole results 41 'nothing of the others is lost'
    rm -r results programs/a.pxi slurm-*.out
    side_by_side
    grep -oE "srun --mpi=none -n 8 sh -c '[^\`]*'" "$root/docs/FLEET.md" | sed 's/px fleet \.\./px fleet programs --on fast --out results/; s/-n 8/-O -n 8/' >srun.sh
    expect 'srun in a job' 0 '5 programs: 5 halted' sh srun.sh
    whole results 40 'eight tasks of srun are the whole'
    rm -r results
    time_limit
    command -v mpicc >/dev/null && srun --mpi=list 2>&1 | grep -q pmix || return 0
    mpicc -o rank "$root/tests/cli/fleet_rank.c" && abort 'srun --mpi=pmix -n 2'
}

case ${1-} in
mpirun | slurm | parallel) "try_$1" ;;
*) echo "fleet_engines.sh: mpirun, slurm or parallel"; exit 2 ;;
esac
finish
