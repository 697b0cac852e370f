#!/bin/sh
# Remakes the tables of rabbitmq.md: four designs side by side, and what each line of a manifest changes under the same
# faults. Usage: results/rabbitmq.sh [path of nines]
nines=${1:-build/nines}
s=/services/rabbitmq
work='[{"do":"rolling-restart","target":"rabbitmq","rate":"12/yr"},{"do":"drain","target":"workers","rate":"4/yr"}]'

echo "| design | publish: availability | down min/yr (95 %) | outages a year | mean | p95 | deliver: down min/yr (95 %) | messages lost a year | USD a month |"
echo "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
for design in rabbitmq-eks rabbitmq-eks-corrected rabbitmq-eks-mirrored rabbitmq-eks-single; do
  "$nines" assess "$design" --draws 0 --quiet --format json 2>/dev/null | python3 -c '
import json, sys
answer = json.load(sys.stdin)
publish, deliver = answer["services"][0]["slis"][:2]
def down(sli):
    minutes = sli["downtime_minutes_per_year"]
    return "%.3g (%.3g to %.3g)" % (minutes["estimate"], *minutes["ci95"])
loss = publish["data_loss"]
lost = "%.3g" % loss["records_per_year"] if loss["records_per_year"] else "none seen"
cells = [sys.argv[1], "%.5f %%" % (100 * publish["availability"]["estimate"]), down(publish),
         "%.3g" % publish["outages_per_year"]["estimate"], "%.3g s" % publish["recovery_time_s"]["mean"],
         "%.3g s" % publish["recovery_time_s"]["p95"], down(deliver), lost, "%.2f" % answer["cost"]["monthly_usd"]]
print("| " + " | ".join(cells) + " |")' "$design"
done

# One change each: how much longer publishers and consumers wait than in the first design, a year.
lines() {
  "$nines" compare "$@" --quiet --format json --max-incidents 400000 2>/dev/null | python3 -c '
import json, sys
answer = json.load(sys.stdin)
print("| line | publish: down min/yr more (95 %) | deliver: down min/yr more (95 %) | messages lost a year more | USD a month more | mostly by |")
print("| --- | ---: | ---: | ---: | ---: | --- |")
def more(figure):
    estimate, (low, high) = figure["estimate"], figure["ci95"]
    if low == high == 0: return "exactly the same"
    if low <= 0 <= high or abs(estimate) < 0.0005: return "not told apart (%.2g to %.2g)" % (low, high)
    return "%+.3g (%.3g to %.3g)" % (estimate, low, high)
for change in answer["differences"]:
    publish, deliver = change["slis"][:2]
    label = change["to"].replace(change["from"] + " with ", "").replace("/services/rabbitmq/", "")
    faults = sorted(change["faults"], key=lambda f: -abs(f["difference"]["estimate"]))
    told = [f["fault"] for f in faults if f["difference"]["ci95"][0] * f["difference"]["ci95"][1] > 0]
    told = [f for f in told if abs(publish["downtime_minutes_per_year"]["estimate"]) >= 0.0005]
    lost = publish["records_lost_per_year"]
    cells = ["`%s`" % label, more(publish["downtime_minutes_per_year"]), more(deliver["downtime_minutes_per_year"]),
             "none" if abs(lost["estimate"]) < 1e-6 else "%+.3g" % lost["estimate"],
             "%+.2f" % change["cost_usd_per_month"]["estimate"], ", ".join(told[:2]) or "-"]
    print("| " + " | ".join(cells) + " |")'
}
echo
echo "From the manifest as it stands to the corrected one, and lines that neither has:"
echo
lines rabbitmq-eks rabbitmq-eks-corrected \
  --variant "$s/config/vm_memory_high_watermark.relative=0.4" \
  --variant "$s/config/disk_free_limit.absolute=2000000000" \
  --variant "$s/pools/node/memory=\"2Gi\"" \
  --variant "$s/pools/node/cpu=0.5" \
  --variant "$s/pdb={\"max_unavailable\": 1}" \
  --variant "$s/config/raft.adaptive_failure_detector.poll_interval=\"1s\"" \
  --variant "$s/config/net_ticktime=\"20s\"" \
  --variant "$s/cluster_partition_handling=\"autoheal\"" \
  --variant "$s/cluster_partition_handling=\"ignore\"" \
  --variant "/overrides/rabbitmq.client.heartbeat=\"10s\"" \
  --variant "/overrides/rabbitmq.client.confirm_timeout=\"5s\"" \
  --variant "/overrides/rabbitmq.client.recovery_interval=\"1s\"" \
  --variant "$s/pools/node/anti_affinity=\"none\"" \
  --variant "/overrides/pod.termination_grace_period=\"60s\"" \
  --variant "$s/queues/orders/type=\"classic\"" \
  --variant "$s/queues/orders/type=\"mirrored\"" \
  --variant "/node_groups/workers/capacity=\"spot\""
echo
echo "With a rolling restart a month and each machine drained four times a year:"
echo
lines rabbitmq-eks --set "/operations=$work" \
  --variant "$s/pdb={\"max_unavailable\": 1}" \
  --variant "/overrides/pod.termination_grace_period=\"60s\"" \
  --variant "$s/deployed_by=\"chart\"" \
  --variant "/overrides/rabbitmq.client.recovery_interval=\"1s\""
