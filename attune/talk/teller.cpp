// Teller: reading, changing what is wanted, deciding, speaking.
#include "attune/talk/teller.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>

#include "attune/core/error.h"
#include "attune/engine/pipeline_settings.h"
#include "attune/explain/explain.h"
#include "attune/talk/constraints.h"
#include "attune/talk/listing.h"
#include "attune/talk/question.h"
#include "attune/talk/safety/guard.h"
#include "attune/talk/safety/mask.h"
#include "attune/talk/speech.h"

namespace attune::talk {
namespace {

constexpr std::size_t kWhyNotDepth = 1000;             // places looked through for "why not"
constexpr std::size_t kCompared = 4;                   // items compared at once

std::string new_request_id() {
  thread_local std::random_device source;
  char text[24];
  std::snprintf(text, sizeof text, "c%08x%08x", static_cast<unsigned>(source()), static_cast<unsigned>(source()));
  return text;
}

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t h = 1469598103934665603u;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return h;
}

void push_newest(std::vector<std::string>& list, const std::string& name) {
  std::erase(list, name);
  list.push_back(name);
}

// One turn, from the reading to the reply.
class Teller {
 public:
  Teller(const engine::Engine& engine, const Lexicon& lexicon, const Service* desk, const Dialogue& dialogue, const Turn& turn)
      : engine_(engine), lexicon_(lexicon), desk_(desk), turn_(turn), dialogue_(dialogue) {}

  Reply tell() {
    reply_.reading = read(lexicon_, dialogue_, turn_.message);
    const Reading& r = reply_.reading;
    before_ = dialogue_.wants;
    if (dialogue_.seed == 0) dialogue_.seed = (hash_of(r.text) >> 12) | 1;
    ++dialogue_.turns;
    if (!turn_.language.empty()) dialogue_.language = turn_.language;
    else if (!r.language.empty()) dialogue_.language = r.language;
    if (dialogue_.language.empty()) dialogue_.language = engine_.settings().lists.language == "zh" ? "zh" : "en";
    speech_ = std::make_unique<Speech>(lexicon_, dialogue_.language, dialogue_.seed + static_cast<std::uint64_t>(dialogue_.turns) * 7919);
    if (const safety::Verdict verdict = safety::judge(message()); !verdict.is_allowed()) {
      reply_.reading = {.text = r.text, .language = r.language};      // nothing of it is kept
      plain("refuse", safety::refusal(verdict.kind, dialogue_.language));
      reply_.dialogue = std::move(dialogue_);
      return std::move(reply_);
    }
    decide();
    if (!r.corrected.empty() && reply_.act != "unclear") add(speech_->corrected(r.corrected));
    if (!(dialogue_.wants == before_) && r.intent != Intent::undo) dialogue_.before.push_back(before_);
    keep_bounds(dialogue_);
    reply_.dialogue = std::move(dialogue_);
    return std::move(reply_);
  }

 private:
  void add(const std::string& sentence) {
    if (sentence.empty()) return;
    if (!reply_.say.empty() && !speech_->zh()) reply_.say += ' ';
    reply_.say += sentence;
  }

  void decide() {
    const Reading& r = reply_.reading;
    if (answers_desk()) return service();
    dialogue_.service = Json();
    switch (r.intent) {
      case Intent::undo: return undo();
      case Intent::reset: return reset();
      case Intent::greet: return greet();
      case Intent::thanks: return plain("thanks", speech_->thanks());
      case Intent::bye: return plain("bye", speech_->bye());
      case Intent::help: return plain("help", speech_->help());
      case Intent::service: return service();
      case Intent::compare: return compare();
      case Intent::explain: return explain();
      case Intent::why_not: return why_not();
      case Intent::about: return about();
      case Intent::ask: return answer();
      case Intent::nothing: return plain("unclear", speech_->unclear(r.text.empty()));
      default: break;
    }
    change();
    if (r.intent == Intent::take) return take();
    list();
  }

  void plain(std::string act, const std::string& sentence) {
    reply_.act = std::move(act);
    add(sentence);
  }

  // What is worked with: of a long message only what the reader saw.
  const std::string& message() const { return turn_.message.size() <= kMostBytes ? turn_.message : reply_.reading.text; }

  // --- questions of service
  // The desk waits for an answer, and the message may be one: a number, an address, a name.
  bool answers_desk() const {
    if (dialogue_.service.is_null() || desk_ == nullptr) return false;
    const Reading& r = reply_.reading;
    if (r.intent == Intent::nothing) return !r.text.empty();
    if (!r.constraints.empty() || !r.comparatives.empty() || r.intent == Intent::undo || r.intent == Intent::reset) return false;
    const Json* asked = dialogue_.service.find("asked");
    const bool asks_name = asked != nullptr && asked->is_string() && asked->as_string() == "name";
    if (asks_name && r.intent == Intent::wish) return true;
    const std::vector<Token> tokens = tokens_of(r.text);
    return tokens.size() <= 12 && std::any_of(tokens.begin(), tokens.end(), [](const Token& t) { return t.kind == Token::number || t.text == "@"; });
  }

  void service() {
    const auto answer = desk_ == nullptr ? std::nullopt : desk_->answer(message(), dialogue_.service, turn_.now_ms);
    if (!answer || answer->handover) {
      dialogue_.service = Json();
      return plain("handover", speech_->handover());
    }
    reply_.sources = answer->sources;
    plain("service", answer->answer);
  }

  // --- what is wanted
  std::vector<std::string> shown() const { return dialogue_.lists.empty() ? std::vector<std::string>() : dialogue_.lists.back(); }

  void change() {
    const Reading& r = reply_.reading;
    Wants& wants = dialogue_.wants;
    std::vector<Constraint> gone;
    for (const std::string& what : r.withdrawn) {
      const std::vector<Constraint> kept = wants.constraints;
      withdraw(wants.constraints, what);
      for (const Constraint& c : kept)
        if (std::find(wants.constraints.begin(), wants.constraints.end(), c) == wants.constraints.end()) gone.push_back(c);
    }
    if (!r.withdrawn.empty()) add(speech_->withdrawn(gone));
    if (r.is_instead && !r.wish.empty()) wants.wish.clear();
    if (!r.wish.empty()) wants.wish.push_back(safety::mask_personal(r.wish));
    feel();
    for (std::size_t i = 0; i < r.constraints.size(); ++i) {
      // Two values of one attribute in one message are both meant: the second does not push the first out.
      bool with_other = r.adds[i];
      for (std::size_t j = 0; j < i; ++j) with_other = with_other || (r.constraints[j].attribute == r.constraints[i].attribute && r.constraints[j].op == r.constraints[i].op);
      const bool is_number = r.constraints[i].op > Constraint::is_not;
      talk::add(lexicon_, wants.constraints, r.constraints[i], with_other && !is_number);
    }
    for (const Comparative& c : r.comparatives) compare_with(c);
    if (!r.missing.empty()) add(speech_->missing(r.missing));
    if (dialogue_.question) {
      const bool answered = std::any_of(r.constraints.begin(), r.constraints.end(), [&](const Constraint& c) { return c.attribute == dialogue_.question->attribute; });
      if (answered || r.intent != Intent::nothing) dialogue_.question.reset();
    }
  }

  // Likes and dislikes; those of people who are known become events.
  void feel() {
    Wants& wants = dialogue_.wants;
    std::vector<std::string> liked, disliked;
    for (const Mention& m : reply_.reading.mentions) {
      const auto id = lexicon_.world().find(m.item);
      if (!id) continue;
      const std::string title = speech_->zh() ? "“" + lexicon_.title(*id) + "”" : lexicon_.title(*id);
      switch (m.how) {
        case Mention::like:
        case Mention::take:
          push_newest(wants.liked, m.item);
          std::erase(wants.disliked, m.item);
          std::erase(wants.away, m.item);
          if (m.how == Mention::like) liked.push_back(title);
          feedback(m.item, "like");
          break;
        case Mention::dislike:
          push_newest(wants.disliked, m.item);
          std::erase(wants.liked, m.item);
          std::erase(wants.toward, m.item);
          disliked.push_back(title);
          feedback(m.item, "dislike");
          break;
        case Mention::similar:
          push_newest(wants.toward, m.item);
          std::erase(wants.away, m.item);
          break;
        case Mention::unlike:
          push_newest(wants.away, m.item);
          std::erase(wants.toward, m.item);
          break;
        default: break;
      }
    }
    if (reply_.reading.intent == Intent::reject && reply_.reading.mentions.empty())
      for (const std::string& item : shown()) push_newest(wants.away, item);
    if (!liked.empty()) add(speech_->liked(liked));
    if (!disliked.empty()) add(speech_->disliked(disliked));
  }

  void feedback(const std::string& item, const char* type) {
    if (!turn_.user.empty()) reply_.feedback.push_back({.user = turn_.user, .item = item, .type = type, .value = {}, .time_ms = turn_.now_ms, .session = "", .request = ""});
  }

  // "cheaper": a bound like any other; when nothing lies beyond it, the reply says what to give up.
  void compare_with(const Comparative& comparative) {
    Wants& wants = dialogue_.wants;
    Comparative c = comparative;
    if (c.than.empty() && !c.is_absolute && dialogue_.focus.size() == 1) c.than = dialogue_.focus.front();
    const std::vector<std::string> list = shown();
    const auto bound = bound_of(lexicon_, c, list, wants.constraints);
    if (!bound) {
      const Attribute* attribute = lexicon_.attribute(c.attribute);
      add(speech_->missing({std::string(attribute != nullptr && attribute->role != Role::none ? name(attribute->role) : std::string_view(c.attribute))}));
      return;
    }
    talk::add(lexicon_, wants.constraints, *bound, false);
    if (c.is_absolute) add(speech_->bound(*bound));
  }

  // --- lists
  ListingAsk asking() const {
    return {.user = turn_.user, .language = dialogue_.language, .k = std::clamp(turn_.k, 1, 50), .skip_shown = reply_.reading.wants_others || reply_.reading.intent == Intent::more, .request = new_request_id()};
  }

  void list() {
    const Reading& r = reply_.reading;
    const ListingAsk ask = asking();
    const Wants& wants = dialogue_.wants;
    const std::vector<std::uint8_t> mask = fitting(lexicon_, wants.constraints);
    if (!wants.constraints.empty() && std::find(mask.begin(), mask.end(), 1) == mask.end()) {
      reply_.act = "nothing_fits";
      add(speech_->nothing_fits(wants.constraints, relaxations(lexicon_, wants.constraints)));
      return;
    }
    Listing listing = list_for(engine_, lexicon_, dialogue_, ask);
    reply_.act = "recommend";
    if (listing.list.items.empty()) {
      reply_.act = "nothing_fits";
      add(speech_->nothing_left());
      return;
    }
    add(speech_->here_are(listing.list.items.size(), dialogue_, listing.repeats));
    std::vector<std::string> names;
    const auto newest = engine_.world();      // erased just now: gone at once, also before the lexicon knows
    for (const engine::ListItem& item : listing.list.items) {
      if (!newest->find(item.item)) continue;
      names.push_back(item.item);
      show(item.item, item.because);
    }
    dialogue_.lists.push_back(names);
    dialogue_.focus = names.size() == 1 ? names : std::vector<std::string>();
    if (turn_.user.empty() || listing.is_known) reply_.shown = engine::exposure_of(listing.list, turn_.now_ms);   // no record is made of a name nobody knows
    std::optional<Question> question;
    if (r.mentions.empty() && listing.fit > 20) question = choose_question(lexicon_, dialogue_, listing.pool);
    if (!question) {
      reply_.say += speech_->zh() ? "：" : ":";
      return;
    }
    reply_.say += speech_->zh() ? "。" : ".";
    add(speech_->question(*question));
    dialogue_.asked.push_back(question->attribute);
    dialogue_.question = std::move(question);
  }

  void show(const std::string& name, const std::string& because) {
    const auto id = lexicon_.world().find(name);
    if (!id) return;
    const data::CatalogueItem& item = lexicon_.world().item(*id);
    reply_.items.push_back({item.name, item.text, because, item.attributes});
  }

  void take() {
    reply_.act = "noted";
    for (const Mention& m : reply_.reading.mentions)
      if (const auto id = lexicon_.world().find(m.item)) {
        add(speech_->taken(lexicon_.title(*id)));
        dialogue_.focus = {m.item};
        show(m.item, "");
        return;
      }
    add(speech_->which_item());
  }

  // --- acts about items
  // Those mentioned, else those in focus, else those shown.
  std::vector<ItemId> meant(std::size_t most, bool all_shown) const {
    std::vector<ItemId> items;
    const auto take_names = [&](const std::vector<std::string>& names) {
      for (const std::string& name : names)
        if (const auto id = lexicon_.world().find(name); id && items.size() < most && std::find(items.begin(), items.end(), *id) == items.end()) items.push_back(*id);
    };
    for (const Mention& m : reply_.reading.mentions) take_names({m.item});
    if (items.empty()) take_names(dialogue_.focus);
    if (items.empty() && (all_shown || shown().size() == 1)) take_names(shown());
    return items;
  }

  void focus_on(const std::vector<ItemId>& items) {
    dialogue_.focus.clear();
    for (const ItemId id : items) dialogue_.focus.push_back(lexicon_.world().item(id).name);
  }

  void compare() {
    std::vector<ItemId> items = meant(kCompared, true);
    if (items.size() == 1) {
      for (const std::string& name : shown())
        if (const auto id = lexicon_.world().find(name); id && *id != items[0] && items.size() < 2) items.push_back(*id);
    }
    if (items.size() < 2) return plain("unclear", speech_->which_item());
    plain("compare", speech_->compare(items));
    for (const ItemId id : items) show(lexicon_.world().item(id).name, because_of(id));
    focus_on(items);
  }

  std::string because_of(ItemId id) const {
    const Asked asked = request_for(engine_, lexicon_, dialogue_, asking());
    try {
      return reason(lexicon_, dialogue_, asked, id, explain::why(lexicon_.world(), asked.request, id), dialogue_.language);
    } catch (const Error&) {
      return "";      // no source can score it
    }
  }

  void explain() {
    const std::vector<ItemId> items = meant(10, true);
    if (items.empty()) return plain("unclear", speech_->which_item());
    reply_.act = "explain";
    for (const ItemId id : items) {
      const std::string because = because_of(id);
      if (items.size() == 1) add(speech_->explain(lexicon_.title(id), because));
      show(lexicon_.world().item(id).name, because);
    }
    if (items.size() > 1) add(speech_->zh() ? "理由如下：" : "The reasons:");
    focus_on(items);
  }

  void about() {
    const std::vector<ItemId> items = meant(1, false);
    if (items.empty()) return plain("unclear", speech_->which_item());
    plain("answer", speech_->about(items[0]));
    show(lexicon_.world().item(items[0]).name, because_of(items[0]));
    focus_on(items);
  }

  void answer() {
    const std::vector<ItemId> items = meant(5, true);
    if (items.empty()) return plain("unclear", speech_->which_item());
    reply_.act = "answer";
    std::vector<std::string> attributes;
    for (const std::string& a : reply_.reading.attributes)
      if (std::find(attributes.begin(), attributes.end(), a) == attributes.end() && attributes.size() < 4) attributes.push_back(a);
    for (const ItemId id : items) {
      add(speech_->answer(id, attributes));
      show(lexicon_.world().item(id).name, "");
    }
    focus_on(items);
  }

  void why_not() {
    const std::vector<ItemId> items = meant(1, false);
    if (items.empty()) return plain("unclear", speech_->which_item());
    const ItemId id = items[0];
    const bool zh = speech_->zh();
    const std::string name = lexicon_.world().item(id).name;
    std::vector<std::string> reasons;
    for (const Constraint& c : dialogue_.wants.constraints) {
      if (fits(lexicon_, c, id)) continue;
      const Attribute* attribute = c.attribute.empty() ? nullptr : lexicon_.attribute(c.attribute);
      const std::string has = attribute == nullptr ? "" : lexicon_.value_text(id, *attribute);
      std::string text = (zh ? "您要求" : "you asked for ") + phrase(lexicon_, c, dialogue_.language);
      if (!has.empty() && has.size() < 100) text += (zh ? "，它是" : ", it has ") + has;
      else if (attribute != nullptr) text += zh ? "，目录里没有它的这项信息" : ", the catalogue does not give that of it";
      reasons.push_back(std::move(text));
    }
    const auto among = [&](const std::vector<std::string>& names) { return std::find(names.begin(), names.end(), name) != names.end(); };
    if (among(dialogue_.wants.disliked)) reasons.push_back(zh ? "您说过不要它" : "you said that you do not want it");
    if (among(dialogue_.wants.liked)) reasons.push_back(zh ? "您已经选了它" : "you have picked it already");
    if (lexicon_.world().item(id).hidden) reasons.push_back(zh ? "它已下架" : "it is not on offer");
    if (reasons.empty()) place_of(id, reasons);
    plain("why_not", speech_->why_not(lexicon_.title(id), reasons));
    show(name, because_of(id));
    focus_on(items);
  }

  void place_of(ItemId id, std::vector<std::string>& reasons) const {
    const bool zh = speech_->zh();
    ListingAsk ask = asking();
    ask.skip_shown = false;
    Asked asked = request_for(engine_, lexicon_, dialogue_, ask);
    if (std::find(asked.request.seen.begin(), asked.request.seen.end(), id) != asked.request.seen.end()) {
      reasons.push_back(zh ? "您已经有它了" : "you already have it");
      return;
    }
    asked.request.k = static_cast<int>(kWhyNotDepth);
    const rank::Slate slate = engine::standard_pipeline().run(lexicon_.world(), asked.request);
    std::size_t place = 0;
    for (std::size_t n = 0; n < slate.candidates.size() && place == 0; ++n)
      if (slate.candidates[n].item == id) place = n + 1;
    const std::vector<std::string> list = shown();
    if (std::find(list.begin(), list.end(), lexicon_.world().item(id).name) != list.end()) reasons.push_back(zh ? "它就在列表里" : "it is in the list");
    else if (place == 0) reasons.push_back(filled(zh ? "它不在最合适的前{}个里" : "it is not among the best {}", {std::to_string(slate.candidates.size())}));
    else reasons.push_back(filled(zh ? "它排在第{}位，别的更合适" : "it stands at place {}; others suit better", {std::to_string(place)}));
  }

  // --- the dialogue itself
  void undo() {
    const bool could = !dialogue_.before.empty();
    if (could) {
      dialogue_.wants = std::move(dialogue_.before.back());
      dialogue_.before.pop_back();
    }
    dialogue_.question.reset();
    add(speech_->undone(could));
    if (could && !dialogue_.lists.empty()) list();
    reply_.act = "undo";
  }

  void reset() {
    dialogue_.wants = {};
    dialogue_.lists.clear();
    dialogue_.focus.clear();
    dialogue_.question.reset();
    dialogue_.asked.clear();
    dialogue_.service = Json();
    plain("reset", speech_->reset());
  }

  void greet() {
    add(speech_->greeting());
    reply_.act = "greet";
    if (turn_.user.empty() || engine_.store().user_events(turn_.user).empty()) return;
    list();
    reply_.act = "greet";
  }

  const engine::Engine& engine_;
  const Lexicon& lexicon_;
  const Service* desk_;       // nullptr: no workspace was given
  const Turn& turn_;
  Dialogue dialogue_;
  Wants before_;
  Reply reply_;
  std::unique_ptr<Speech> speech_;
};

}  // namespace

Reply tell(const engine::Engine& engine, const Lexicon& lexicon, const Service* desk, const Dialogue& dialogue, const Turn& turn) {
  return Teller(engine, lexicon, desk, dialogue, turn).tell();
}

}  // namespace attune::talk
