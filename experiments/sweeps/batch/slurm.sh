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

if (($# < 3)); then
  echo "usage: slurm.sh SWEEP RESULTS.sqlite SHARDS [options of nines sweep]" >&2
  exit 2
fi
sweep=$1 results=$2 shards=$3
nines=${NINES:-nines}

# A task of the array: which shard it is stands in its environment, which rung in the results file.
if [[ -n ${SLURM_ARRAY_TASK_ID:-} ]]; then
  exec "$nines" sweep "$sweep" --results "$results" --shards "$shards" \
    --threads "${SLURM_CPUS_PER_TASK:-1}" --quiet "${@:4}"
fi

array=0-$((shards - 1))
if [[ -n ${NINES_AT_ONCE:-} ]]; then array+=%$NINES_AT_ONCE; fi
while true; do
  code=0
  "$nines" sweep "$sweep" --results "$results" --quiet "${@:4}" --merge || code=$?
  # 3: designs are to be played.
  if ((code != 3)); then exit "$code"; fi
  sbatch --wait --array="$array" --cpus-per-task="${NINES_CPUS:-1}" "$0" "$@" >&2 || {
    code=$?
    echo "slurm.sh: a task failed, see its nines-sweep-*.log; what the others did stays" >&2
    exit "$code"
  }
done
