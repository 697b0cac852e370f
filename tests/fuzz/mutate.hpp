// Changes of a file that know what the file is about: its JSON Schema says what each place may hold.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tests/fuzz/dice.hpp"

namespace nines::fuzz {

using Json = nlohmann::ordered_json;

/// A text nobody should have to put up with: controls, formulas, markup, other scripts, thousands of characters.
std::string nasty_text(Dice& dice);

/// A value that the schema allows, more often than not: bounds, extremes, quantities in every unit, nested objects.
Json value_for(const Json& schema, const Json& root_schema, Dice& dice, int depth = 0);

/// Some changes of the document: a legal value, an extreme one, one of another type, a key missing or too many, an
/// element twice or a hundred times, a name that is elsewhere or nowhere, deep nesting.
void mutate(Json& document, const Json& root_schema, Dice& dice);

/// Changes of the text that a parser must see: cut off, bytes that are no text, keys twice, comments.
std::string mutate_text(std::string text, Dice& dice);

/// JSON pointers of all places, with the escapes of RFC 6901.
std::vector<std::string> pointers(const Json& document);

}  // namespace nines::fuzz
