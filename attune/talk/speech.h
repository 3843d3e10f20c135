// Speech: sentences in English and Chinese, made of facts alone. Which wording is taken is told by the dialogue's seed and turn.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "attune/talk/constraints.h"
#include "attune/talk/dialogue.h"
#include "attune/talk/lexicon.h"
#include "attune/talk/reading.h"

namespace attune::talk {

class Speech {
 public:
  Speech(const Lexicon& lexicon, std::string_view language, std::uint64_t choice) : lexicon_(lexicon), zh_(language == "zh"), language_(language), choice_(choice) {}

  std::string here_are(std::size_t n, const Dialogue& dialogue, bool repeats) const;     // without the mark at its end
  std::string of_shown(const Order& order) const;              // "of those shown, the cheapest first", without the mark at its end
  std::string moved_on(const std::vector<Constraint>& gone, const std::vector<Constraint>& kept) const;      // another thing is asked for
  std::string nothing_fits(std::span<const Constraint> constraints, const std::vector<Relaxation>& relaxations) const;
  std::string nothing_left() const;                            // all that fits was shown or had
  std::string none_of(const std::string& what) const;      // a word that no item within the conditions has; what follows is near it
  std::string no_more_of(const std::string& what) const;  // all that have a word were shown; what follows has it not
  std::string missing(const std::vector<std::string>& what) const;      // no item has that attribute
  std::string question(const Question& question) const;
  std::string liked(const std::vector<std::string>& titles) const;
  std::string disliked(const std::vector<std::string>& titles) const;
  std::string taken(const std::string& title) const;
  std::string withdrawn(const std::vector<Constraint>& gone) const;
  std::string undone(bool could) const;
  std::string reset() const;
  std::string greeting() const;
  std::string thanks() const;
  std::string bye() const;
  std::string help() const;
  std::string handover() const;
  std::string unclear(bool is_empty) const;
  std::string which_item() const;
  std::string about(ItemId item) const;
  std::string answer(ItemId item, const std::vector<std::string>& attributes) const;
  std::string compare(std::span<const ItemId> items) const;
  std::string explain(const std::string& title, const std::string& because) const;
  std::string why_not(const std::string& title, const std::vector<std::string>& reasons) const;
  std::string corrected(const std::vector<std::pair<std::string, std::string>>& slips) const;
  std::string guessed(const Guess& guess) const;
  std::string bound(const Constraint& constraint) const;       // what "cheaper" was taken for

  std::string joined(const std::vector<std::string>& parts) const;
  std::string one_of(std::initializer_list<const char*> english, std::initializer_list<const char*> chinese) const;
  bool zh() const noexcept { return zh_; }

 private:
  std::string let_go(Constraint c) const;
  std::string first(const Order& order) const;                 // "cheapest first"
  std::string title(ItemId item) const;
  std::string value(ItemId item, const Attribute& attribute) const;

  const Lexicon& lexicon_;
  bool zh_;
  std::string language_;
  std::uint64_t choice_;
};

// "{}" of the pattern filled in, one after another.
std::string filled(std::string pattern, std::initializer_list<std::string> values);

}  // namespace attune::talk
