#include "engine/text/clean_prompt.h"

#include "engine/text/fix_text.h"
#include "engine/text/html_entities.h"
#include "engine/text/unicode.h"

namespace ovi {
namespace {

std::u32string SqueezeBlanks(std::u32string_view text) {
  std::u32string squeezed;
  for (const char32_t c : text) {
    if (!IsSpace(c)) {
      squeezed.push_back(c);
    } else if (!squeezed.empty() && squeezed.back() != U' ') {
      squeezed.push_back(U' ');
    }
  }
  if (!squeezed.empty() && squeezed.back() == U' ') squeezed.pop_back();
  return squeezed;
}

}  // namespace

std::string CleanPrompt(std::string_view prompt) {
  // Twice, as upstream does: `&amp;lt;` is a common accident of web forms.
  return ToUtf8(SqueezeBlanks(UnescapeHtml(UnescapeHtml(FixText(ToCodePoints(prompt))))));
}

}  // namespace ovi
