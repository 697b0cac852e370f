// Text that others wrote, made harmless for what reads it: one function for each reader.
//
// Titles, notes, labels, sources, file names and option values may hold anything. Whatever shows them does so through
// one of these; JSON alone stays exact, as its own escapes can say everything.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nines::escape {

/// A value as people read it, on one line: control characters, line ends, marks that turn the direction of text around,
/// invisible characters and bytes that are no UTF-8 show as "\n", "\x1b", "\u202e".
std::string visible(std::string_view text);
/// The same of about the first `most` bytes, "..." in place of the rest.
std::string visible(std::string_view text, std::size_t most);

/// A whole output, just before it is written: what `visible` shows shows here too, but for line ends. `colours`: so do
/// sequences that set colours ("\033[31m"). The last line of defence: values go through `visible` where they are put
/// in.
std::string output(std::string_view text, bool colours);

/// A cell of a CSV file (RFC 4180). One that a spreadsheet would take for a formula begins with an apostrophe; numbers
/// stay as they are. Control characters show as in `visible`.
std::string csv(std::string_view cell);

/// Text or attribute of XML, SVG or HTML.
std::string markup(std::string_view text);

/// A JSON string with its quotes. Characters that a terminal might obey are written as escapes, so the value is exact;
/// bytes that are no UTF-8, which JSON cannot hold, become U+FFFD.
std::string json(std::string_view text);

/// A name of a table or column in SQL, with its quotes. Values are bound, never written into a statement.
std::string sql_name(std::string_view name);
/// A text in SQL that cannot be bound: in the definition of a view.
std::string sql_text(std::string_view text);

/// A word of a command line as a shell (bash, zsh) reads it back; as it is where it can be.
std::string shell(std::string_view word);

/// Whether all of it is UTF-8.
bool is_utf8(std::string_view text);

}  // namespace nines::escape
