// What the words of the output mean: headings of tables, phases, verdicts, keys of JSON and CSV. `nines explain` shows
// it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nines::experiments {

struct Word {
  std::string term;  ///< as the output has it
  std::string meaning;
};

/// What a word of the output means, whatever its case, blanks, hyphens and underscores: entries of the glossary,
/// faults, events; a key of JSON that only says its unit is explained by its unit. Empty if nobody knows.
std::vector<Word> words_for(std::string_view term);

/// Every term that has an entry, aliases included: for the nearest name.
std::vector<std::string> glossary_terms();

}  // namespace nines::experiments
