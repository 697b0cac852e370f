// A document as one HTML page that needs nothing else: no request, no script to be read, no colour to be understood.
#pragma once

#include <string>

#include "experiments/review/document.hpp"

namespace nines::experiments::review {

/// `footer`: what made the page. Of the same document always the same bytes.
std::string html(const Document& document, const std::string& footer);

}  // namespace nines::experiments::review
