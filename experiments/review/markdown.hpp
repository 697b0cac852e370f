// A document as GitHub-flavoured Markdown: for pull requests and step summaries.
#pragma once

#include <cstddef>
#include <string>

#include "experiments/review/document.hpp"

namespace nines::experiments::review {

/// What a comment on a pull request may hold, less what others put around it (GitHub: 65,536 characters).
inline constexpr std::size_t most_markdown_bytes = 60'000;

/// At most `most` bytes: long tables are left out, the last ones first, and each says so. Charts are given by their
/// tables.
std::string markdown(const Document& document, const std::string& footer, std::size_t most = most_markdown_bytes);

}  // namespace nines::experiments::review
