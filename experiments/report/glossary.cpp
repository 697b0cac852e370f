#include "experiments/report/glossary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "models/scenario.hpp"
#include "models/world.hpp"

namespace nines::experiments {

namespace {

struct Entry {
  std::string_view terms;  ///< the first one, then what else it is called, set apart by '|'
  std::string_view meaning;
};

constexpr Entry entries[] = {
    // ---- what is asked ----
    {"SLI|service-level indicator|slis",
     "A yes/no condition of a service over time, as one of its clients sees it from its place, with its time-outs: 'a "
     "write with acks=all is acknowledged within 5 s on every partition'. While it does not hold, the SLI is out."},
    {"SLA|service-level agreement",
     "What is promised of an SLI: a target (share of the time that it holds), a window "
     "(a calendar month, 730 h, unless it says otherwise), credits if it is missed."},
    {"part|parts|whose downtime",
     "Of a composite SLI: a component or SLI that it requires, and how much of the downtime it answers for. A "
     "moment in which several parts are down is shared among those that matter, by Shapley values."},
    {"alert|alerts|alert.name", "A rule of 'monitoring' that tells people, and how often."},
    {"tells people|tells people/yr|told_per_year", "Notifications of an alert that go out in a year."},
    {"of use|of use/yr|helped_per_year",
     "Notifications in a year by which somebody learns of a repair that nobody knew of."},
    {"in vain", "Share of an alert's notifications for which nobody is needed, or which tell what is known already."},
    {"after|mean_after_s", "From when an alert's condition holds to its notification, in the mean."},
    {"backup every|backups|every_s", "Time between two backups of a service's data ('backups' of the topology)."},
    {"kept for|retention_s", "How long each backup is kept."},
    {"writes lost|mean_rpo_s",
     "Time in the mean whose writes a restore loses after somebody has deleted the data: half a period, and a period "
     "for each backup that cannot be restored."},
    {"restored after|mean_rto_s", "From a deletion until a backup is restored and clients are let back, in the mean."},
    {"nothing left|nothing_left_probability", "Probability that none of the backups that are kept can be restored."},
    {"noticed too late|too_late_probability",
     "Probability that corrupted data are noticed when no backup from before is kept any more."},
    {"verdict|MEETS|BREACHES|OPEN",
     "About the share of windows that miss the target, not about the mean. MEETS: at most `--risk` of them (5 %), "
     "whatever "
     "the inputs and sampling leave open. BREACHES: surely more. OPEN: nobody can tell yet; the answer says what "
     "would."},
    {"breach probability|breach_probability|windows breached|breach",
     "Share of windows (months) in which the SLI is down for longer than its target allows. A figure may be fine on "
     "average and still miss one month in ten."},
    {"breach_probability_year", "Probability that at least one window of a year misses its target."},
    {"breach_probability_from_whole",
     "The same of a window that begins with every unit whole; windows of an SLA begin at any time, perhaps in an "
     "outage."},
    {"risk",
     "Share of an SLA's windows that may breach its target if it is to count as met (--risk); of a sweep, the "
     "probability that some design was eliminated wrongly."},
    {"window|windows|window_h",
     "Span over which an SLA is judged, in hours; `windows`: how many were simulated, null "
     "where the probability was computed."},
    {"credit|expected_credit_usd_per_month",
     "What the SLA pays back in a mean month, USD, if the charge is the monthly bill of the topology."},
    {"expectation|expectations|PASS|FAIL",
     "What a scenario says will happen. PASS: it did; FAIL: it did not; OPEN: an outage still runs on which it "
     "depends. "
     "Of several runs, enough of them must satisfy it."},
    {"met|met_fraction|open_fraction|fraction",
     "Share of runs in which an expectation is met, or still open; `fraction`: "
     "the share that must meet it."},
    {"worst", "The run that is farthest from an expectation, and what it showed."},
    // ---- what is asked first ----
    {"RTO|recovery time objective|rto",
     "Recovery time: how long an outage lasts, by its quantiles, and the kind of fault whose outages last longest."},
    {"RPO|recovery point objective|rpo",
     "Acknowledged work that is lost: records, and seconds of production, in an incident that loses any; how often "
     "that "
     "comes, and the kind of fault that loses most. Seen in no incident, it is a bound."},
    {"headline",
     "What is asked first, SLI by SLI: recovery, loss, breach of a month and a year, single points of failure."},
    {"single", "A part whose loss alone puts the SLI out until something puts it right."},
    {"worst_fault|longest", "The kind of fault whose outages are longest (recovery) or that loses most (loss)."},
    {"never_ends", "Some of its outages nothing that is modelled ends."},
    {"losses_seen|incidents_watched",
     "In how many incidents of the sample acknowledged records were lost, and how many there were."},
    {"records_p50|records_p95|seconds_p50",
     "Quantiles over incidents that lose anything: records, seconds of production."},
    {"losses_per_year_upper95|records_per_year_upper95",
     "The most that it may come to, 95 %, where too few were seen."},
    {"month|year", "Windows of 730 h and of 8,760 h."},
    {"worst_incidents|by",
     "Incidents of the sample that were longest or lost most (`by`), each with the command that plays it again."},
    {"as_bad_per_year|as bad or worse", "How often a year an incident comes that is as bad as this one or worse."},
    {"records_lost", "Acknowledged records that an incident lost."},
    {"length_s", "From the first fault until all is well again, in seconds."},
    {"command", "What to type to see this."},
    {"state|before|after", "What an event changed: who leads, the epoch, the ISR; before it and after."},
    // ---- what is left out ----
    {"left_out",
     "What no figure holds: causes that are not modelled, and settings that leave some out. It comes on top."},
    {"truth",
     "Which way the real figure differs for what is left out: worse, better, or either way; of a lab: what its play "
     "gave."},
    {"of_design", "It is left out because of this design's settings, not of its kind."},
    {"kind", "Of what is left out: which sort of thing it is; of a change: what it changes."},
    {"per_year", "How often it comes, a year."},
    {"price_source", "Where the prices of the bill are from."},
    // ---- advice ----
    {"$ a month", "What a change adds to the monthly bill, USD at list prices; less than 0: it saves."},
    {"min/yr per $|minutes_per_dollar", "Minutes of downtime a year that a change saves for each dollar a month."},
    {"95 %", "The interval that holds the figure with 95 % probability, as far as sampling goes."},
    // ---- availability ----
    {"availability", "Share of the time in which an SLI holds, planned work counted as down."},
    {"nines", "-log10 of the unavailability: 99.9 % has 3 nines, 99.95 % has 3.3. Rounded down."},
    {"unavailability", "Share of the time in which an SLI does not hold: 1 - availability. 1e-5 is 5.3 min a year."},
    {"request_unavailability", "1 - requests served."},
    {"requests served|request_availability",
     "Share of requests that succeed: the same, but an outage of 3 of 12 partitions counts for a quarter."},
    {"down min/yr|downtime_minutes_per_year|downtime", "Minutes a year in which the SLI does not hold, on average."},
    {"sampling, 95 %|ci95|confidence interval|ci95_low|ci95_high|interval|down min/yr (95 %)",
     "What the finite number of incidents leaves open: in 95 of 100 runs with other seeds the interval holds the value "
     "that endless incidents would give. More incidents make it narrower; input uncertainty stays."},
    {"input uncertainty|credible interval|credible95|if the inputs vary",
     "95 % of what the figure comes to when every input (rates, times) is drawn at once within its plausible range: "
     "what "
     "nobody knows before it is measured. Sampling does not make it narrower."},
    {"estimate", "The best value; absent or null where nothing was seen."},
    {"upper95_if_unseen|events_per_year_upper95_if_unseen|none seen|not seen|not seen out",
     "Nothing of the kind occurred in any incident. '< x' is what it is below with 95 % confidence (rule of three), "
     "and no "
     "estimate."},
    {"without planned work|without_planned",
     "Down min/yr (in JSON: availability) without outages that planned work began: "
     "for contracts that exclude it."},
    {"without changes, people|without_changes_and_people",
     "The same without outages that changes (roll-outs, upgrades, certificates) or human errors began."},
    {"all", "With every outage counted."},
    // ---- time ----
    {"outage|outages|outages_seen",
     "A maximal interval in which an SLI does not hold. `outages_seen`: how many the "
     "simulation held, which says how firm the figures are."},
    {"outages/yr|outages_per_year", "Outages of the SLI a year, on average."},
    {"mean outage|mean|mean_outage_s|mean_s", "Average length of an outage (or of what the table is about)."},
    {"p5|p25|p50|p75|p95|p99|p5_s|p25_s|p50_s|p75_s|p95_s|p95_outage_s|p95 outage|median|percentile|quantile",
     "Percentiles: p50 is the median, the length that half of them stay below; p95 is exceeded by one in twenty, p99 "
     "by one "
     "in a hundred."},
    {"quantiles",
     "The whole distribution of outage lengths: rows of [share, seconds, lower, upper]: so many outages are over by "
     "then, with the 95 % interval of the seconds (null where the sample is too small). Empty where the method does "
     "not "
     "keep lengths."},
    {"histogram|edges_s|counts",
     "How often a time had which value, over the runs: `counts` of those from one of `edges_s` to the next, in "
     "seconds; "
     "the last edge belongs to the last part. Of more than 100,000 runs: of the first so many."},
    {"month_downtime|exceeded|exceeded_probability|allowed|minutes|months within|1 min|10 min|1 h|5 h|months "
     "beyond|none|what is promised",
     "The law of the downtime of a month (any 730 h of the long run): how likely it exceeds so many minutes, with the "
     "interval that sampling leaves; 0: that there is any at all. `allowed`: as many as the target allows, so that "
     "this is the chance of a breach of a month. By incidents only."},
    {"p50_ci95|p95_ci95|p99_ci95", "95 % confidence interval of that percentile; null where the sample is too small."},
    {"max|max_s|most seconds|most records", "The longest, or the most, that any run showed."},
    {"recovery_time_s|RTO|recovery time",
     "Time from the start of an outage to its end, in seconds: mean and percentiles "
     "over outages. A recovery time objective (RTO) is a limit of it."},
    {"never ended|censored|censored_share|endless|not over",
     "An outage that no modelled mechanism or person ends. It counts as down as long as it was followed, is reported "
     "as "
     "such, and is left out of percentiles: averaging it would hide it."},
    {"never_ending_incidents_per_year",
     "Incidents a year that nothing modelled ends; each counts as down for 30 days."},
    {"first after|mttf_h|MTTF", "Mean time until the first outage, beginning with every unit whole. JSON: hours."},
    {"one every|mtbf_h|MTBF", "Mean time between the starts of successive outages: 1 / outages a year. JSON: hours."},
    {"mission|failure_probability|probability of an outage|hours",
     "Probability of at least one outage within so many hours, beginning with every unit whole (--mission-h)."},
    // ---- loss ----
    {"acknowledged record|data_loss|RPO|loss|losses|records lost",
     "A record that the cluster has acknowledged to its producer, and that nobody can read any more. A recovery point "
     "objective (RPO) is a limit of what may be lost."},
    {"losses/yr|losses_per_year|events_per_year|events_per_year_ci95|loses records",
     "Incidents a year that lose acknowledged records."},
    {"records lost/yr|records_lost_per_year|records_per_year|records_per_year_ci95|mean records|records",
     "Records lost a year (of a replay: in a run): acknowledged ones, and of publishers without confirms those that "
     "were "
     "taken. Few incidents lose anything, so one digit, with "
     "'about', "
     "where the interval is as wide as the figure."},
    {"seconds_p95|seconds",
     "Seconds of production lost in an incident that loses some; p95: nineteen in twenty lose less."},
    {"rule|because", "The rule of the protocol by which acknowledged records could be lost."},
    {"loss_share", "This row's part of all losses of the SLI."},
    // ---- budget ----
    {"budget|downtime budget", "Where the downtime of an SLI comes from: one row for each fault (JSON: and target)."},
    {"share|downtime_share", "This row's part of all downtime of the SLI."},
    {"fault|faults", "What begins an incident: something breaks, is changed or done wrongly (nines list faults)."},
    {"target|targets",
     "What a fault strikes; in the table, how many things of that kind had outages by it. Of an SLA: the "
     "promised share of time. Of --sli: whose precision decides when to stop."},
    {"category|planned|component|change|human",
     "Kind of cause: component (things break), planned (maintenance), change (roll-outs and certificates that go "
     "wrong), "
     "human (human errors). --without-fault takes these words too."},
    {"faults/yr|rate_per_year|A faults/yr|B faults/yr", "How often the fault comes a year, over all its targets."},
    {"A down min/yr|B down min/yr",
     "Minutes a year that the SLI of this design is down by incidents that this fault began."},
    {"with another|with_another_fault_share",
     "Part of this downtime that took a further fault within the same incident."},
    {"spent in|phases_s|phase",
     "Which phases its outages pass their time in, the longest first (JSON: mean seconds by "
     "phase; they add up to the mean outage)."},
    {"storage.throughput|storage.throughput (source)",
     "As what sets the length of a copy: the throughput of the volume that is written, or, with '(source)', of the one "
     "that is read. A field of storage in a topology; without it what the volume's type gives."},
    {"instance_type.network|instance_type.network (source)|instance_type.ebs|instance_type.ebs "
     "(source)|instance_type.ebs_burst|instance_type.local_disk_rate|instance_type.local_disk_rate (source)",
     "As what sets the length of a copy: what a machine's type gives of its network, of its path to volumes (for a "
     "while its burst), or of its own disks; with '(source)' the machine that is copied from. See nines list "
     "instance-types."},
    {"set by|dominant_parameter|longest wait",
     "The parameter that set the longest wait of the outage: the first one to "
     "look at. nines explain NAME shows value and source."},
    {"detect", "Phase of an outage: something is broken and nobody has noticed (leases, sessions, time-outs run)."},
    {"decide", "Phase: it is noticed, and it is being settled who takes over (elections, majorities)."},
    {"act", "Phase: what was decided is being done (evictions, detaching and attaching volumes, starting machines)."},
    {"propagate", "Phase: the decision has been made and not everybody has heard (metadata to brokers and followers)."},
    {"reconnect", "Phase: the service works, and the client has not found it (request time-outs, retries, metadata)."},
    {"recover", "Phase: what failed starts again (boot, start of processes, loading of logs, end of a pause)."},
    {"catch-up|catch up", "Phase: data are copied until a replica is in sync again."},
    {"person", "Phase: a person is awaited or at work (noticing, engaging, identifying, repairing)."},
    {"other", "Phase: a wait that no modelled step claims."},
    {"in-sync|in sync|ISR|in-sync replica",
     "A replica that has everything its leader has acknowledged. Only in-sync replicas may lead without loss; "
     "min.insync.replicas of them must be there for a write with acks=all."},
    {"fenced", "A broker that the controller takes for dead or not ready: it leads nothing."},
    {"budget_from", "The method that the budget is of; null where there is none."},
    // ---- incidents ----
    {"incident|incidents",
     "Everything from one initiating fault in a healthy system until it is healthy again. Figures "
     "are means over incidents, weighted by how often their faults come."},
    {"initiating fault|initiating_faults_per_year", "A fault that strikes a healthy system; so many come a year."},
    {"forced further fault|further_faults",
     "A second or third fault that the method makes strike within an incident, with "
     "its weight, because by chance alone it would be too rare to see."},
    {"mean_incident_s", "Mean length of an incident: until all is well again, in seconds."},
    {"method|method_reason|exact|timeline",
     "How the figures were found. incidents: from each fault to health again; timeline: simulated years; "
     "exact: solved as a Markov chain; auto chooses. `method_reason` says why."},
    {"cross-check|cross_check|holds_exact|confidence",
     "Exact figures of black boxes are held against a short run of incidents: how many lie inside its intervals of "
     "that "
     "confidence."},
    {"fitted_laws|laws|unavailability_within|fitted",
     "Laws of time that are not exponential are stood for by phases in an "
     "exact solution; `unavailability_within`: how far several fits lie "
     "apart, relative."},
    {"precise|relative_half-width|relative_half_width",
     "Half the 95 % interval over the estimate, of the SLI that decides "
     "when to stop; `precise`: it is what --precision asked for."},
    {"replications|years|warm_up_h|warm-up",
     "Of the timeline: simulated histories, their years in all, and the hours that "
     "each is played before it is watched."},
    {"alarms|remarks", "Why an SLI's interval is not to be trusted; what a method cannot give."},
    // ---- inputs ----
    {"tornado|effects|uncertainty",
     "Inputs moved one by one from one end of their plausible range to the other, sorted by what that does to the SLI: "
     "the "
     "longest bars come first, hence the name."},
    {"explains alone|sobol_first|Sobol index",
     "Part of the variance that the inputs together leave in the figure which this input explains by itself "
     "(first-order "
     "Sobol index). Measuring the largest one settles most."},
    {"down min/yr at its ends",
     "The SLI's downtime with this input at the low and at the high end of its range, all others "
     "as they are."},
    {"input|inputs|draws|impossible_draws|noise_share",
     "Numbers that have a plausible range; so many joint draws of all of them were played. `noise_share`: the part of "
     "their spread that is sampling."},
    {"plausible range|range", "Within this the true value is believed to lie; as the source says, or by judgement."},
    {"assumptions|parameter|value|source|origin|law|notes",
     "Numbers in force, with the source they were taken from and the file that holds them (`origin`). `notes`: what "
     "the "
     "author of the topology assumes besides."},
    // ---- structure ----
    {"cut|cut set|cut_sets|minimal cut|lost together|lost_together|groups",
     "Parts that take the SLI down if all of them are lost at once, and none of which could be left out. From the "
     "structure alone, without times. '2 of [a | b]': any two of them; 'x-*': every x."},
    {"single points of failure|single_points_of_failure|single point of failure",
     "Cuts of one part: it alone takes the SLI "
     "down."},
    {"parts", "How many parts a cut has."},
    {"sets", "How many cuts are of this form."},
    {"order|complete|complete_up_to",
     "Cuts of up to `order` parts were looked for; `complete`: all of them were found, or "
     "all of up to `complete_up_to` parts. Of a sweep: `complete` says that it is done."},
    {"order_matters|(*)", "The cut takes the SLI down only if its parts are lost in a certain order."},
    {"couplings|times_per_year",
     "How often a cut comes, to first order and as if parts failed independently; `couplings` "
     "says why they may not."},
    {"layout|zones|machines|machines_more|pods|group|type|capacity|count",
     "What stands where in health, for a drawing: zones with their machines and what these carry. Machines of a zone "
     "that are alike and many are one entry with their `count`; `machines_more`: how many beside them are not told."},
    // ---- money ----
    {"usd_beyond_health|mean_usd_beyond_health|max_usd_beyond_health",
     "What machines, CPU credits in unlimited mode and volumes that no cluster knows any more cost beyond health until "
     "the end of a run of `replay`, at list prices; below zero while machines are missing."},
    {"a month|monthly_usd|cost_usd_per_month|cost|item|items|total",
     "USD a month at list prices of what the topology names. nines explain not_included."},
    {"not_included|not included", "What the bill leaves out; it comes on top."},
    {"region|price_date", "Region of the prices and the day that they were read."},
    {"operator h/month|operator_hours_per_month", "Hours a month that people work on incidents."},
    {"fail-overs/yr|failovers_per_year|failover", "Servers a year that are taken for dead, rightly or wrongly."},
    {"redelivered_per_year",
     "Messages a year that a consumer is sent a second time, because one before it did not acknowledge them."},
    {"not_modelled|not modelled", "Causes of downtime that the simulation leaves out: what they cause comes on top."},
    {"warnings", "What to know before the figures are believed."},
    // ---- replay ----
    {"milestone|milestones",
     "The first time in a run that an event of this kind happens. nines explain NAME says what it "
     "is."},
    {"first at s|at_s|start_s|end_s", "Seconds from the first action of the scenario."},
    {"duration_s|deadline_s|request_timeout_s|delivery_timeout_s", "A length of time in seconds."},
    {"group_offsets_behind_mean_s|group_offsets_behind_most_s|group_offsets",
     "Of copies of topics in another cluster: by how much groups that go on there are behind their position in the "
     "source, beside what is not copied. They read that again."},
    {"lanes|spans|from_s|to_s|zone",
     "Of a replay: everything whose state changed, each with its states one after the other: zones, machines, pods, "
     "volumes, and what services show. `cause` of a span: the line of the timeline that began it."},
    {"cause|noise",
     "Of a line of a timeline: the number of the line that it follows from (from 0; null: it begins something). "
     "`noise`: "
     "nothing that is told hangs on it, and the text folds it."},
    {"chain|cause chain|depth",
     "From the initiating fault to what ended the outage, each link caused by the one before; `depth`: how many links "
     "are before it."},
    {"event|events|event.kind", "Something that changes the state. `events` under `run`: how many were simulated."},
    {"component name|components", "A part of the topology: a pod, machine, volume, zone, client, partition."},
    {"seen", "Outages over all runs."},
    {"runs|n|run",
     "Repetitions with other phases and draws; in a table: runs in which it occurred. JSON `run`: what the "
     "computation took."},
    {"runs without|runs_without", "Runs in which the SLI was not out."},
    {"ended",
     "How a run ended: healthy; healthy_at_limit; limit (not healthy when the time was over); nothing_pending (not "
     "healthy, and nothing that is due will change it)."},
    {"actions_without_target", "Actions that found nothing to act on when they were due."},
    {"as it is|changed|mean downtime a run (s)", "With --fork-at: the same run on as it was, and with the change."},
    {"summary", "Over all runs (JSON); of an event: what happens."},
    // ---- compare ----
    {"design|designs|what|label", "A topology, or one with changes; A is the first one named."},
    {"against A (95 %)|against A|difference|differences|B - A (95 %)|from|to|first|this",
     "This design minus A, with its 95 % interval, under the same faults. 'not told': the interval holds 0. 'the "
     "same': "
     "less than a thousandth."},
    {"paired|incidents_saved_factor|common faults",
     "The designs were struck by the same faults; differences then take so "
     "many times fewer incidents than with faults of their own."},
    {"planning_incidents|blocks", "Incidents played to plan the sample; blocks of incidents that all designs share."},
    // ---- sweep ----
    {"point|points", "One design of a sweep: a combination of its parameters' values."},
    {"objectives|require|at_most",
     "What a sweep makes small, the most important first, and the limits that a design must keep: names of figures."},
    {"settings", "The value of each parameter of a point."},
    {"figure|figures", "What is measured of a point; less is better."},
    {"status|winner|front|close|unresolved|beaten|racing|impossible|best",
     "winner: least in the first objective of those that meet all requirements; front: no other is as good in every "
     "objective; close: not told apart from the front; unresolved: whether it meets a requirement is not known; "
     "misses: "
     "exceeds one; beaten: another is better; racing: still played; impossible: cannot be built."},
    {"rung|after rung|left",
     "Step of the race: each rung plays four times as many incidents of those that are left. 100: "
     "the last estimate, with fresh seeds."},
    {"confirmed", "Estimated again with fresh seeds, so that the best is not only the luckiest."},
    {"exceed a requirement|are beaten|beaten_by|by_figure|worse_by|at_least|reason|problem",
     "Why a point is eliminated: the figure by which it exceeds its limit, or by which another point beats it, by how "
     "much, "
     "and how "
     "much at least (surely)."},
    {"races|given",
     "Parameters that are given are not ours to choose: points that share their values race each other."},
    {"share_of_incidents|incidents played", "Incidents that were simulated for a figure."},
    // ---- labs ----
    {"lab|labs|level|asks|number|question",
     "A question about a cluster that fails, to be predicted before it is played (nines lab). Its number is its place "
     "in the list."},
    {"prediction|predict|options|answer|right|chosen|margin|tolerance|within|hint",
     "What a student says will happen: an option, or a number, which is right within a tolerance. A hint says where to "
     "look."},
    {"variants|values", "Numbers and words of a lab that differ between students; a seed chooses one set."},
    {"result|replay", "What the play of a lab gave, beside the prediction; the replay of its first run."},
    {"outage of|from s|for s|longest wait set by",
     "Outages of a play, one a line: of which SLI, when it began, how long it was, and the parameter that set its "
     "longest wait."},
    {"what_if|what if", "The same lab with something changed, and a question about it."},
    {"why|sources|holds",
     "Explanation of a lab: where its rules stand, and its statements held against what was played."},
    {"answers|without|most_believed_wrong|answer_to_truth|too_low|too_high",
     "Of a class: answers that were given, lines without one, the wrong option that most chose, how numbers lie beside "
     "the truth."},
    // ---- bookkeeping ----
    {"here|in_effect|where|effect|how",
     "Of nines explain with a result of assess: values in effect there; the SLIs and faults that it bears on, with "
     "their share of the downtime; what moving it over its range does."},
    {"leader|epoch|term|controller|master",
     "What services show in a replay: who leads a partition, a queue or a quorum, or is the master; epoch, term: the "
     "number of that leadership; controller: the server that decides for its cluster."},
    {"API|controllers|controller manager|scheduler",
     "Of a control plane in a replay: whether its API answers, and whether what acts through it does."},
    {"working|acts|asked|away on",
     "Of add-ons in a replay: how many of their pods work, which one acts for all, how many are asked, on how many "
     "machines there is none."},
    {"answering|in rotation|wanted",
     "Of stateless servers in a replay: how many answer, how many the load balancer asks, how many there should be."},
    {"lane states|machine|pod|volume|up|power partly lost|without power|hangs|shutting "
     "down|rebooting|powerless|booting|lost|no machine|"
     "not running|running|stands still|whole",
     "States of things in a replay. Zones: up, power partly lost, without power. Machines: up, hangs (silent, its "
     "memory is lost), shutting down, rebooting, powerless, booting, lost (for good), no machine (its place is empty). "
     "Pods: running, not running, stands still (a pause: it answers nothing, and goes on later). Volumes: whole, "
     "lost."},
    {"holds|out", "States of an SLI: its condition holds, or it is out."},
    {"both|in|with the change|differs for",
     "Of a replay with --fork-at: so in both plays, as it is only, or with the change only; how long a lane is in "
     "different states in the two."},
    {"healthy|healthy_at_limit|limit|nothing_pending",
     "Why a run ended: all is well again; all was well when its time was over; its time was over; nothing that is "
     "modelled changes anything any more."},
    {"service|services|name|client|place|scope|text|title|unit|sli name",
     "Names and words of what is reported: the service, its SLI (service/sli), the client and its place, how much must "
     "work "
     "(`scope`: any, all, a share of partitions), units."},
    {"topology|scenario|sweep|schema|version|seed|hashes|profiles|input_hash|profile_hash|inputs_hash|sweep_hash",
     "What makes a result again: inputs with hashes of their content, version and seed. The same ones give the same "
     "bytes."},
    {"wall_s", "Seconds of real time that the run took; only with --timing, as no two runs share it."},
    {"key|about|path|group|dimension", "Columns of nines list: name to use, what it is, its file, what it belongs to."},
    {"profile",
     "A file of sourced numbers: fault rates, repair times, prices, defaults, each with unit, range and source."},
};

/// Ends of keys that say a unit.
constexpr Entry unit_entries[] = {
    {"_per_year", "a year"},
    {"_usd_per_month", "in USD a month"},
    {"_usd", "in USD"},
    {"_minutes", "in minutes"},
    {"_share", "as a share: 0 to 1"},
    {"_fraction", "as a share: 0 to 1"},
    {"_probability", "as a probability: 0 to 1"},
    {"_ci95", "the 95 % confidence interval of it: [low, high]"},
    {"_s", "in seconds"},
    {"_h", "in hours"},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// "Breach-Probability" and "breach_probability" are one word.
std::string plain(std::string_view term) {
  std::string out;
  for (const char c : term) {
    const bool gap = c == ' ' || c == '_' || c == '-' || c == '`';
    if (gap && (out.empty() || out.back() == ' ')) continue;
    out += gap ? ' ' : lower(c);
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

template <class Each>
void for_terms(std::string_view terms, const Each& each) {
  while (!terms.empty()) {
    const std::size_t end = std::min(terms.find('|'), terms.size());
    each(terms.substr(0, end));
    terms.remove_prefix(std::min(end + 1, terms.size()));
  }
}

/// Kinds of events with their phase and parameter.
template <class Each>
void for_events(const Each& each) {
  for (std::size_t kind = 0; kind < models::event_kinds; ++kind) {
    const sim::EventInfo& info = models::event_info(static_cast<sim::EventKind>(kind));
    if (!info.name.empty()) each(info);
  }
}

}  // namespace

std::vector<Word> words_for(std::string_view term) {
  const std::string wanted = plain(term);
  std::vector<Word> words;
  for (const Entry& entry : entries) {
    std::string found;
    for_terms(entry.terms, [&](std::string_view known) {
      if (found.empty() && plain(known) == wanted) found = known;
    });
    if (!found.empty()) words.push_back({found, std::string(entry.meaning)});
  }
  for (const models::VerbInfo& verb : models::verbs) {
    if (plain(verb.name) != wanted) continue;
    std::string text =
        fmt::format("Fault or action: {}. In scenarios it takes {}", verb.meaning, models::options_taken(verb));
    for (const models::OptionInfo& option : models::verb_options) {
      if (verb.takes.has(option.option)) text += fmt::format("; {}: {}", option.name, option.meaning);
    }
    words.push_back({std::string(verb.name), text + "."});
  }
  for_events([&](const sim::EventInfo& info) {
    if (plain(info.name) != wanted) return;
    std::string text = fmt::format("Event: {}.", info.summary);
    if (!std::string_view(info.phase).empty()) text += fmt::format(" Its wait is of the phase '{}'", info.phase);
    if (!std::string_view(info.parameter).empty()) text += fmt::format(", set by {}", info.parameter);
    words.push_back({std::string(info.name), text + (text.back() == '.' ? "" : ".")});
  });
  if (!words.empty()) return words;
  for (const Entry& unit : unit_entries) {
    if (term.size() <= unit.terms.size() || !term.ends_with(unit.terms)) continue;
    const std::string stem(term.substr(0, term.size() - unit.terms.size()));
    for (const Word& word : words_for(stem)) {
      words.push_back({std::string(term), fmt::format("{} Here {}.", word.meaning, unit.meaning)});
    }
    return words;
  }
  return words;
}

std::vector<std::string> glossary_terms() {
  std::vector<std::string> terms;
  for (const Entry& entry : entries) {
    for_terms(entry.terms, [&](std::string_view term) { terms.emplace_back(term); });
  }
  for (const models::VerbInfo& verb : models::verbs) terms.emplace_back(verb.name);
  for_events([&](const sim::EventInfo& info) { terms.emplace_back(info.name); });
  return terms;
}

}  // namespace nines::experiments
