#!/usr/bin/env bash
# Plays a sweep on a Slurm cluster: a job array for each rung, results merged in between, until the sweep is complete.
# Run it on a login node, in a directory that all nodes see; interrupted, run it again: it goes on.
#
#   experiments/sweeps/batch/slurm.sh SWEEP RESULTS.sqlite SHARDS [options of nines sweep, such as --seed 2]
#
# Set in the environment: NINES, the command (default: nines); SBATCH_PARTITION, SBATCH_ACCOUNT, SBATCH_TIMELIMIT and
# other variables of sbatch; NINES_AT_ONCE, the number of tasks that may run at a time (default: all); NINES_CPUS, the
# processors of a task (default: 1). Give each task minutes of work: as many shards as there are processors will do.
#SBATCH --job-name=nines-sweep
#SBATCH --output=nines-sweep-%A_%a.log
#SBATCH --requeue
set -euo pipefail

stop() {
  echo "slurm.sh: $1" >&2
  exit 2
}

# A number that may stand in an expression, where a shell would run what else it holds.
number() {
  [[ $2 =~ ^[1-9][0-9]{0,6}$ ]] || stop "$1: expected a whole number from 1 to 9999999, got $(printf %q "$2")"
}

if (($# < 3)); then
  echo "usage: slurm.sh SWEEP RESULTS.sqlite SHARDS [options of nines sweep]" >&2
  exit 2
fi
sweep=$1 results=$2 shards=$3 options=("${@:4}")
[[ -n $sweep ]] || stop "SWEEP is empty"
[[ -n $results ]] || stop "RESULTS.sqlite is empty"
number SHARDS "$shards"
number NINES_CPUS "${NINES_CPUS:-1}"
nines=${NINES:-nines}
# A name that begins with a dash is a file all the same.
if [[ $sweep == -* ]]; then sweep=./$sweep; fi

# A task of the array: which shard it is stands in its environment, which rung in the results file.
if [[ -n ${SLURM_ARRAY_TASK_ID:-} ]]; then
  exec "$nines" sweep "$sweep" "--results=$results" --shards "$shards" \
    --threads "${SLURM_CPUS_PER_TASK:-1}" --quiet "${options[@]}"
fi

array=0-$((shards - 1))
if [[ -n ${NINES_AT_ONCE:-} ]]; then
  number NINES_AT_ONCE "$NINES_AT_ONCE"
  array+=%$NINES_AT_ONCE
fi
while true; do
  code=0
  "$nines" sweep "$sweep" "--results=$results" --quiet "${options[@]}" --merge || code=$?
  # 3: designs are to be played.
  if ((code != 3)); then exit "$code"; fi
  sbatch --wait --array="$array" --cpus-per-task="${NINES_CPUS:-1}" "$0" "$@" >&2 || {
    code=$?
    echo "slurm.sh: a task failed, see its nines-sweep-*.log; what the others did stays" >&2
    exit "$code"
  }
done
