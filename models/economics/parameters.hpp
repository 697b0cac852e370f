// Prices that a topology turns into a monthly bill. Values: profile `prices`, by region, with date and evidence.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::economics {

// clang-format off
#define NINES_PRICE_PARAMETERS(X) \
  X(Money, control_plane_hour, "price.eks.control_plane", "managed control plane, per hour") \
  X(Money, gp3_gib_month, "price.gp3.storage", "gp3 storage, per GiB and month") \
  X(Money, gp3_iops_month, "price.gp3.iops", "gp3, per provisioned IOPS above 3,000 and month") \
  X(Money, gp3_mibps_month, "price.gp3.throughput", "gp3, per provisioned MiB/s above 125 and month") \
  X(Money, gp2_gib_month, "price.gp2.storage", "gp2 storage, per GiB and month") \
  X(Money, io2_gib_month, "price.io2.storage", "io2 storage, per GiB and month") \
  X(Money, io2_iops_month, "price.io2.iops", "io2, per provisioned IOPS and month; taken for all of them, though those above 32,000 of a volume cost less") \
  X(Money, st1_gib_month, "price.st1.storage", "st1 storage, per GiB and month") \
  X(Money, efs_gib_month, "price.efs.storage", "EFS standard storage, per GiB and month") \
  X(Money, efs_mibps_month, "price.efs.throughput", "EFS provisioned throughput, per MiB/s and month") \
  X(Money, snapshot_gib_month, "price.snapshot.storage", "snapshots of volumes, per GiB and month") \
  X(Money, alb_hour, "price.alb", "application load balancer, per hour") \
  X(Money, alb_unit_hour, "price.alb.capacity_unit", "capacity unit (LCU) of an application load balancer, per hour") \
  X(Money, nlb_hour, "price.nlb", "network load balancer, per hour") \
  X(Money, nlb_unit_hour, "price.nlb.capacity_unit", "capacity unit (NLCU) of a network load balancer, per hour") \
  X(Bytes, request_size, "price.load_balancer.request_size", "bytes of a request and its answer as a load balancer bills them: a capacity unit is 1 GB an hour") \
  X(Money, nat_gateway_hour, "price.nat_gateway", "NAT gateway, per hour") \
  X(Money, fargate_vcpu_hour, "price.fargate.vcpu", "Fargate, per vCPU and hour") \
  X(Money, fargate_gb_hour, "price.fargate.memory", "Fargate, per GB of memory and hour") \
  X(Money, cpu_credit_hour, "price.cpu_credits", "CPU credits that a burstable machine in unlimited mode uses beyond those that it earns, per vCPU and hour") \
  X(Money, inter_zone_gb, "price.transfer.inter_zone", "transfer between zones, per GB and direction") \
  X(Ratio, hours_per_month, "price.hours_per_month", "hours in a billing month")
// clang-format on

NINES_PARAMETER_GROUP(Prices, NINES_PRICE_PARAMETERS);

}  // namespace nines::models::economics
