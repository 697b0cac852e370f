// A change that breaks the role by which pods of a service get temporary credentials of the cloud (IAM roles for
// service accounts): a wrong trust policy or OIDC provider. What pods have holds until it expires; then, and of pods
// that start meanwhile, what needs the cloud's APIs fails. People hear of it when the first pod lacks them, find the
// change and roll it back.
//
// Source: Amazon EKS user guide, IAM roles for service accounts; Kubernetes troubleshooting seeds (AccessDenied of the
// CSI driver's controller, of backups, of autoscalers).
//
// Left out: a wrong annotation of the service account, which reaches new pods only; provisioners and autoscalers that
// lose their role: they are no pods here; roles that lack one permission only.
#pragma once

#include <cstdint>

namespace nines::models {
struct World;
}

namespace nines::models::faults {

/// Whether it had an effect.
bool break_role(World& world, std::uint16_t service);

}  // namespace nines::models::faults
