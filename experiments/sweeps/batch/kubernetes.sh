#!/usr/bin/env bash
# Plays a sweep on Kubernetes: an Indexed Job for each rung, results merged in between, until the sweep is complete, whose
# answer is printed. Interrupted, run it again: it goes on.
#
#   experiments/sweeps/batch/kubernetes.sh [kubernetes.yaml]
#
# Set in the environment: KUBECTL, the command with its options (default: kubectl; "kubectl --namespace sweeps").
# What else there is to set stands in kubernetes.yaml.
set -euo pipefail

file=${1:-$(dirname "$(readlink -f "$0")")/kubernetes.yaml}
read -ra kubectl <<<"${KUBECTL:-kubectl}"

# The job's steps in the file, made anew, as a job that has ended cannot be started again. Returns once it has ended.
play() {
  local job=nines-sweep-$1 ended
  "${kubectl[@]}" delete job "$job" --ignore-not-found --wait >&2
  "${kubectl[@]}" apply --filename "$file" --selector "step=$1" >&2
  while true; do
    ended=$("${kubectl[@]}" get job "$job" \
      --output 'jsonpath={.status.conditions[?(@.status=="True")].type}')
    case " $ended " in
      *" Complete "*) return 0 ;;
      *" Failed "*) return 1 ;;
    esac
    # Wakes up early if the job completes; one that fails is seen at the next look.
    "${kubectl[@]}" wait --for=condition=complete --timeout=10s "job/$job" >/dev/null 2>&1 || true
  done
}

"${kubectl[@]}" apply --filename "$file" --selector step=volume >&2
while true; do
  if play merge; then
    "${kubectl[@]}" logs job/nines-sweep-merge
    exit 0
  fi
  # 3: designs are to be played.
  code=$("${kubectl[@]}" get pods --selector job-name=nines-sweep-merge --sort-by=.metadata.creationTimestamp \
    --output 'jsonpath={.items[-1:].status.containerStatuses[0].state.terminated.exitCode}')
  "${kubectl[@]}" logs job/nines-sweep-merge >&2
  if [[ $code != 3 ]]; then exit "${code:-1}"; fi
  if ! play shards; then
    echo "kubernetes.sh: a shard failed: kubectl logs --selector step=shards" >&2
    exit 1
  fi
done
