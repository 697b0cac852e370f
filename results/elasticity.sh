#!/bin/sh
# Remakes the table of elasticity.md: seconds in which capacity was short, and when what first happened, over 300 runs.
# Usage: results/elasticity.sh [path of nines]
nines=${1:-build/nines}
pool=/services/web/pools/server
row() {
  name=$1
  shift
  "$nines" replay "$@" --runs 300 --format json 2>/dev/null | python3 -c '
import json, sys
runs = json.load(sys.stdin)["runs"]
def mean(values): return sum(values) / len(values) if values else None
def short(run): return sum(o["duration_s"] for o in run["outages"] if o["sli"] == "capacity")
def first(name):
    return mean([min(times) for times in
                 ([m["at_s"] for m in run["milestones"] if m["name"] == name] for run in runs) if times])
down = sorted(short(run) for run in runs)
cells = [sys.argv[1], "%.1f (%.1f to %.1f)" % (mean(down), down[int(0.05 * len(down))], down[int(0.95 * len(down))])]
for event in ("k8s.replicas_raised", "k8s.group_grows", "k8s.node_provisioned", "k8s.replicas_lowered", "k8s.machine_unneeded"):
    at = first(event)
    cells.append("-" if at is None else "%.0f" % at)
print("| " + " | ".join(cells) + " |")' "$name"
}
echo "| what | capacity short, s: mean (5 % to 95 %) | more pods | machines ordered | first machine | fewer pods | a machine goes |"
echo "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
row "surge, as shipped" eks-elastic load-surge
row "surge, target 50 % instead of 70 %" eks-elastic load-surge --set $pool/autoscaler/cpu_utilization=0.5 --set $pool/replicas=4
row "surge, metrics server reads every 60 s" eks-elastic load-surge --set /overrides/metrics_server.resolution=60s
row "surge, by requests instead of CPU" eks-elastic load-surge --set "$pool/autoscaler={\"min\":1,\"max\":10,\"requests_per_pod\":130}"
row "surge, eks-elastic-spot" eks-elastic-spot load-surge
row "metrics missing" eks-elastic metrics-missing
row "metrics zero" eks-elastic-spot metrics-zero
row "zone lost under load" eks-elastic zone-outage-under-load
