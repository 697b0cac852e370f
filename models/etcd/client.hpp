// What a client of etcd sees: its requests one after the other, at one endpoint until that does not answer.
//
// A request that meets a member without leader waits there and is served when there is one. One that a member forwards
// to a leader that is dead is lost: the client hears of it when it gives the attempt up (Raft and etcd sheet, section
// 4). While nobody could answer, attempts are arithmetic and no events.
#pragma once

#include "models/etcd/cluster.hpp"
#include "models/service/kind.hpp"

namespace nines::models::etcd {

/// Members, leader or connections have changed: whose requests are answered now?
void look_at_accesses(Context& c);

/// What a member answers to whom its requests reach as `contact` says.
service::Answers answers(const Context& c, Position member, Contact contact);

/// A client gives an attempt up after this.
Duration attempt_timeout(const Context& c, std::uint16_t access);

}  // namespace nines::models::etcd
