// Settings of PostgreSQL servers, of Patroni, of people who look after them, and of clients. Keys with the names of
// postgresql.conf are the server's; Patroni's have `patroni.` before their names. Values: profile `postgresql`.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::postgresql {

// clang-format off
#define NINES_POSTGRESQL_PARAMETERS(X) \
  X(Duration, checkpoint_timeout, "checkpoint_timeout", "a checkpoint begins so long after the last one began, at the latest") \
  X(Bytes, max_wal_size, "max_wal_size", "a checkpoint begins sooner if the WAL since the last one, and what is written while it lasts, would exceed this") \
  X(Ratio, completion_target, "checkpoint_completion_target", "share of the time to the next checkpoint over which a checkpoint is spread: until it is done a crash replays from the one before (0.5 up to 13, 0.9 from 14)") \
  X(bool, full_page_writes, "full_page_writes", "the first change of a page after a checkpoint writes the whole page to the WAL") \
  X(Bytes, wal_keep, "wal_keep_size", "WAL that a primary keeps for standbys which hold no slot") \
  X(Bytes, slot_keep, "max_slot_wal_keep_size", "most WAL that a slot holds back; 0: no limit (-1 of the server)") \
  X(bool, slots, "use_slots", "standbys have replication slots: a primary keeps what they lack (of Patroni)") \
  X(Duration, sender_timeout, "wal_sender_timeout", "a primary ends the connection of a standby that has not answered for so long") \
  X(Duration, receiver_timeout, "wal_receiver_timeout", "a standby ends a connection on which nothing has come for so long") \
  X(Duration, retry_interval, "wal_retrieve_retry_interval", "a standby without connection tries again so often") \
  X(Duration, writer_delay, "wal_writer_delay", "turn of the WAL writer: with synchronous_commit off a crash loses up to three of them") \
  X(Duration, archive_timeout, "archive_timeout", "WAL is archived at least so often: what a backup restores is no older; 0: no archive, only backups") \
  X(bool, rewind, "use_pg_rewind", "a former primary whose WAL has parted from its successor's is rewound; else it is copied anew (of Patroni; without it people do so)") \
  X(Law, start, "postgresql.start", "from the start of the process until the server replays or serves") \
  X(Law, fast_stop, "postgresql.fast_shutdown", "a fast shutdown: sessions are ended, the shutdown checkpoint is written") \
  X(Bandwidth, replay_rate, "postgresql.replay_rate", "WAL that a server replays, in recovery or as a standby") \
  X(Duration, replication_delay, "postgresql.replication_delay", "from a commit until its WAL has left for standbys, beside the way") \
  X(Law, fsync, "postgresql.wal_fsync", "durable write of the WAL at a commit") \
  X(Law, promote, "postgresql.promote", "a standby ends its recovery and takes writes, on a timeline of its own") \
  X(Law, rewind_takes, "postgresql.rewind", "pg_rewind with the restart that follows") \
  X(Bandwidth, backup_rate, "postgresql.basebackup_rate", "most that a base backup copies per second") \
  X(Bytes, page, "postgresql.page_size", "a page of the database: what a full-page write adds") \
  X(Ratio, pages_per_write, "postgresql.pages_per_write", "pages that a write changes, of tables and indexes") \
  X(Law, by_hand, "postgresql.by_hand", "without an operator: from when somebody is at it until a standby is promoted for a lost primary, or a lost standby is being copied: a look whether the primary is dead, and the command") \
  X(Law, restore, "postgresql.restore", "all data are lost: from when somebody is at it until a backup is restored") \
  X(Duration, backup_interval, "postgresql.backup_interval", "time between two backups: without an archive what is restored is up to so old") \
  X(Law, relabel, "postgresql.relabel", "from a promotion until the Service of the primary leads to it") \
  X(Duration, ttl, "patroni.ttl", "the leader's key is free so long after it was renewed last") \
  X(Duration, loop_wait, "patroni.loop_wait", "turn of Patroni's loop: a leader renews its key at each") \
  X(Duration, retry_timeout, "patroni.retry_timeout", "a leader that cannot reach the store for so long within a turn steps down") \
  X(Bytes, maximum_lag, "patroni.maximum_lag_on_failover", "a standby that lacks more of what the leader reported last does not stand for election") \
  X(Duration, primary_start_timeout, "patroni.primary_start_timeout", "a leader that recovers keeps its key so long; then it gives it up if a standby can take over") \
  X(Duration, member_timeout, "patroni.member_timeout", "a candidate waits so long for the state of a member that is silent") \
  X(Duration, member_slots_ttl, "patroni.member_slots_ttl", "a primary drops the slot of a member whose key in a store of its own ran out so long ago (0 before Patroni 4)") \
  X(Duration, lease_check, "patroni.lease_check", "a store of its own that looks for leases that have run out does so once in this time") \
  X(bool, failsafe, "patroni.failsafe_mode", "while its store is away a leader goes on if it reaches all members") \
  X(bool, strict, "patroni.synchronous_mode_strict", "with no standby left that could be synchronous no write is taken")

#define NINES_POSTGRESQL_CLIENT_PARAMETERS(X) \
  X(Duration, connect_timeout, "postgresql.client.connect_timeout", "a client gives a connection up that is not made within this (libpq connect_timeout)") \
  X(Duration, command_timeout, "postgresql.client.command_timeout", "a client gives a statement up that has no answer after this; 0: it waits for ever") \
  X(Duration, user_timeout, "postgresql.client.tcp_user_timeout", "a client's kernel gives a connection up on which nothing is acknowledged for so long; 0: postgresql.client.tcp_give_up") \
  X(Duration, give_up, "postgresql.client.tcp_give_up", "the same by the kernel's retransmissions alone (net.ipv4.tcp_retries2)") \
  X(Duration, retry_wait, "postgresql.client.retry_wait", "wait before the next attempt after an error or a time-out")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_POSTGRESQL_PARAMETERS);
NINES_PARAMETER_GROUP(ClientParameters, NINES_POSTGRESQL_CLIENT_PARAMETERS);

}  // namespace nines::models::postgresql
