// Answering: what a message wants, which source answers it best, what is still to be asked, and when a person is to take over.
#include <algorithm>
#include <cmath>
#include <mutex>

#include "attune/core/printable.h"
#include "attune/talk/desk/customer_text.h"
#include "attune/talk/desk/desk_state.h"
#include "attune/talk/desk/other_subject.h"

namespace attune::talk::desk {
namespace {

constexpr std::size_t kMostSaid = 20, kMostUsed = 20, kMostQuestions = 3, kMostSuggestions = 3;
// Below these chances of being right a person is asked instead: an answer that misses costs a customer more than a wait.
// Passages are longer than questions, so less like them at best, and come with their place: a lower bar.
constexpr double kSureIntent = 0.4, kSureSource = 0.5, kSurePassage = 0.3;
constexpr double kVerySure = 0.8;        // chance from which an answer to our question is a new wish, and a greeting is what an intent is about
constexpr double kRare = 0.2;            // a message stranger than four in five of the known ones is less surely of its intent

struct Words {
  std::string_view english_formal, english_casual, chinese;
  std::string in(const Conversation& c) const {
    return std::string(c.language == "zh" ? chinese : word_for(c.style) == "casual" ? english_casual : english_formal);
  }
};
constexpr Words kHandover = {"I am passing your message to a colleague, who will answer you shortly.", "I'm passing this on to a colleague, they'll get back to you shortly.", "我把您的问题转给同事，很快会有人回复您。"};
constexpr Words kBlank = {"Please write what we can help you with.", "What can we help you with?", "请写下您需要什么帮助。"};
constexpr Words kGreeting = {"Good day. How may we help you?", "Hi! What can we help you with?", "您好，请问有什么可以帮您？"};
constexpr Words kThanks = {"You are welcome.", "You're welcome!", "不客气。"};
constexpr Words reason(std::string_view english, std::string_view chinese) { return {english, english, chinese}; }
constexpr Words kAsksForPerson = reason("the customer asks for a person", "客户要求人工服务");
constexpr Words kUnclear = reason("it is not clear what is wanted", "不确定客户需要什么");
constexpr Words kUnknown = reason("nothing known answers this", "没有已知的答案");
constexpr Words kAnother = reason("what is known is of another place or thing than was asked about", "已知的答案说的是另一个地方或事物");
constexpr Words kNoTemplate = reason("no template answers this intent", "该意图没有回复模板");
constexpr Words kNoDetail = reason("a detail is missing that was asked for more than once", "多次询问后仍缺少信息");

std::string percent(double chance) { return std::to_string(static_cast<int>(std::lround(100 * chance))) + " %"; }
// Chinese has no spaces: its characters count.
bool is_few_words(const std::string& text) {
  const auto characters = std::count_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xe3; });
  return std::count(text.begin(), text.end(), ' ') < 3 && characters < 4;
}

// What somebody who takes over should know: quoted as it was written, personal data masked.
std::string summary_of(const Conversation& c, const std::string& intent, double confidence, const std::string& why) {
  const bool zh = c.language == "zh";
  std::string text = (zh ? "转接原因：" : "Handed over: ") + why + (zh ? "。" : ".");
  text += zh ? " 客户消息：" : " The customer wrote:";
  const std::size_t first = c.said.size() > 3 ? c.said.size() - 3 : 0;
  for (std::size_t i = first; i < c.said.size(); ++i) text += (zh ? "“" : " \"") + printable(c.said[i], Lines::escape, 300) + (zh ? "”" : "\"");
  if (!intent.empty()) text += (zh ? " 可能的意图：" : " Perhaps about: ") + intent + " (" + percent(confidence) + ")" + (zh ? "。" : ".");
  if (!c.slots.empty()) {
    text += zh ? " 已知：" : " Known:";
    for (const auto& [name, value] : c.slots) text += " " + name + " " + (name == "phone" || name == "email" ? "[" + name + "]" : printable(value, Lines::escape, 100)) + ";";
  }
  const auto sent = std::find_if(c.used.rbegin(), c.used.rend(), [](const std::string& name) { return !name.starts_with("?"); });
  if (sent != c.used.rend()) text += (zh ? " 已发送：" : " Already sent: ") + *sent + (zh ? "。" : ".");
  text += (zh ? " 语气：" : " Tone: ") + std::string(zh ? (word_for(c.style) == "casual" ? "随意" : "正式") : word_for(c.style)) + (zh ? "。" : ".");
  return text;
}

// One message on its way to its reply.
class Answering {
 public:
  Answering(const Desk::State& state, Conversation& conversation, const Run& run) : s_(state), c_(conversation), run_(run) {}

  DeskReply reply_to(const std::string& message, std::chrono::year_month_day today) {
    text_ = readable(message);
    if (text_.empty()) return ask(kBlank.in(c_));
    take_in(today);
    understand();
    if (wants_person(text_)) return hand_over(kAsksForPerson);
    // A number alone, and nobody asked for it: what is wanted?
    if (has_slots_ && !has_asked_ && !has_letters(without_gaps(plain_))) return ask(kBlank.in(c_));
    // An order alone: the same is wanted for it as was for the one before, unless something else was asked about meanwhile.
    if (has_order_ && !has_asked_ && says_only_values(plain_)) {
      if (c_.last.empty()) return ask(kBlank.in(c_));
      intent_ = c_.last, intent_chance_ = 1;
      return by_template();
    }
    // The answer to a question of ours goes on with what was asked for, unless the message clearly wants something else.
    const bool wants_other = intent_chance_ > kVerySure && intent_ != c_.intent && !is_few_words(plain_) && !says_only_values(plain_);
    const bool goes_on = !c_.intent.empty() && has_asked_ && !wants_other;
    if (goes_on) intent_ = c_.intent, intent_chance_ = 1;
    if (!goes_on && intent_chance_ <= kVerySure && is_greeting(text_)) return ask(kGreeting.in(c_));
    if (!goes_on && intent_chance_ <= kVerySure && is_thanks(text_)) return ask(kThanks.in(c_));
    if (intent_chance_ >= kSureIntent && (goes_on || intent_chance_ >= source_chance_)) return by_template();
    if (source_chance_ >= sure_source()) return by_source();
    if (is_of_another_) return hand_over(kAnother);
    return hand_over(intent_chance_ > 0 || is_in_scope_ ? kUnclear : kUnknown);
  }

 private:
  // The message's slots, language and style into the conversation.
  void take_in(std::chrono::year_month_day today) {
    const std::vector<FoundSlot> found = find_slots(text_, c_.asked, today);
    has_slots_ = !found.empty();
    const auto order = std::find_if(found.begin(), found.end(), [](const FoundSlot& f) { return f.name == "order"; });
    has_order_ = order != found.end();
    // What was said of one order says nothing of another; one that cannot be read is asked for.
    const bool is_unread = !has_order_ && names_unread_order(text_, found);
    if (const auto known = c_.slots.find("order"); known != c_.slots.end() && (is_unread || (has_order_ && order->value != known->second)))
      for (const char* name : {"order", "amount", "date"}) c_.slots.erase(name);
    for (const FoundSlot& f : found) {
      if (is_private(f.name)) continue;
      has_asked_ = has_asked_ || f.name == c_.asked;
      c_.slots[f.name] = f.value;
    }
    plain_ = without_values(text_, found);
    if (has_letters(plain_) || c_.language.empty()) {
      const bool only_slots = has_slots_ && is_few_words(plain_) && !c_.language.empty();
      if (!only_slots) {
        c_.language = language_of(text_);
        c_.style = blended(c_.style, c_.messages, style_of(plain_));
      }
    }
    ++c_.messages;
    c_.said.push_back(masked(text_, found));
    if (c_.said.size() > kMostSaid) c_.said.erase(c_.said.begin());
  }

  // What it is about. Where that is not sure, words that nobody knows here are read as the nearest known ones.
  void understand() {
    read();
    if (intent_chance_ >= kSureIntent || source_chance_ >= sure_source()) return;
    std::string mended = s_.vocabulary.mended(plain_);
    if (mended == plain_) return;
    plain_ = std::move(mended);
    read();
  }

  // Of the known intents, and of the questions and passages. The encoders read it once for all.
  void read() {
    intent_chance_ = 0, is_in_scope_ = is_of_another_ = false;
    const std::vector<std::string> texts = {plain_};
    const std::vector<Matrix> rows = s_.encoders.read(texts, "", run_);
    const ReadTexts once = [&](std::span<const std::string>, const Run&) {
      std::vector<Matrix> copies;
      for (const Matrix& m : rows) copies.push_back(m.clone());
      return copies;
    };
    if (s_.intents) {
      reading_ = s_.intents->read(texts, once, run_).front();
      is_in_scope_ = reading_.in_scope;
      intent_ = s_.intent_names[reading_.best.front().first];
      // The intent "": questions and passages are what it is about.
      if (is_in_scope_ && !intent_.empty()) intent_chance_ = reading_.best.front().second * std::min(1.0, reading_.common / kRare);
    }
    std::vector<std::span<const float>> views;
    for (const Matrix& m : rows) views.push_back(m.row(0));
    hits_ = s_.search.find(plain_, views, 6);
    std::erase_if(hits_, [&](const Hit& hit) {
      const Entry& entry = s_.search.entry(hit.entry);
      const Faq* faq = question_of(entry);
      const bool is_another = is_about_another(plain_, entry.text, faq == nullptr ? entry.text : entry.text + "\n" + faq->answer);
      is_of_another_ = is_of_another_ || (is_another && &hit == &hits_.front());
      return is_another;
    });
    source_chance_ = s_.search.confidence(plain_, hits_);
  }

  double sure_source() const {
    const bool is_about_sources = s_.intents && intent_.empty() && is_in_scope_;
    const bool is_passage = !hits_.empty() && std::find(s_.faq_answers.begin(), s_.faq_answers.end(), hits_.front().answer) == s_.faq_answers.end();
    return is_passage || is_about_sources ? kSurePassage : kSureSource;
  }

  DeskReply ask(std::string text) {
    reply_.answer = std::move(text);
    return std::move(reply_);
  }

  DeskReply hand_over(const Words& why) {
    ++c_.failures;
    reply_.answer = kHandover.in(c_);
    reply_.template_name.clear();
    reply_.handover = true;
    reply_.intent = intent_chance_ > 0 ? intent_ : "";
    reply_.confidence = std::max(intent_chance_, source_chance_);
    reply_.summary = summary_of(c_, intent_, s_.intents ? reading_.best.front().second : 0, why.in(c_));
    suggest();
    c_.last.clear(), c_.intent.clear(), c_.asked.clear();
    return std::move(reply_);
  }

  // For the agent: of each intent that may be meant, the first template in the customer's language.
  void suggest() {
    constexpr double kUnlikely = 0.02;
    for (const auto& [label, chance] : reading_.best) {
      const std::string& name = s_.intent_names[label];
      const auto first = std::find_if(s_.content.templates.begin(), s_.content.templates.end(), [&](const Template& t) { return t.intent == name && t.language == c_.language; });
      if (chance > kUnlikely && !name.empty() && first != s_.content.templates.end() && reply_.suggestions.size() < kMostSuggestions) reply_.suggestions.push_back(first->name);
    }
  }

  // Of a question's wordings: the one found, unless another is in the customer's language.
  const Faq* question_of(const Entry& entry) const {
    const Faq* best = nullptr;
    int best_fit = -1;
    for (std::size_t f = 0; f < s_.content.faq.size(); ++f) {
      const Faq& one = s_.content.faq[f];
      if (s_.faq_answers[f] != entry.answer) continue;
      const int fit = 2 * (one.language == c_.language) + (one.question == entry.text);
      if (fit > best_fit) best = &one, best_fit = fit;
    }
    return best;
  }

  DeskReply by_source() {
    const Entry& entry = s_.search.entry(hits_.front().entry);
    reply_.confidence = source_chance_;
    c_.failures = 0, c_.last.clear(), c_.intent.clear(), c_.asked.clear();
    if (const Faq* f = question_of(entry); f != nullptr) {
      reply_.answer = f->answer, reply_.template_name = f->name;
      reply_.sources.push_back({"faq", f->name, f->question});
    } else {
      const std::uint32_t first = s_.faq_answers.empty() ? 0 : *std::max_element(s_.faq_answers.begin(), s_.faq_answers.end()) + 1;
      const Passage& p = s_.content.passages[entry.answer - first];
      reply_.answer = p.text;
      reply_.sources.push_back({"passage", p.document + ":" + std::to_string(p.line) + (p.heading.empty() ? "" : " " + p.heading), p.text});
    }
    return std::move(reply_);
  }

  DeskReply by_template() {
    std::vector<const Template*> candidates;
    for (const Template& t : s_.content.templates)
      if (t.intent == intent_) candidates.push_back(&t);
    reply_.intent = intent_, reply_.confidence = intent_chance_;
    if (candidates.empty()) return hand_over(kNoTemplate);
    const Template& chosen = *choose(candidates, {.language = c_.language, .style = c_.style, .used = c_.used, .picks = &s_.pick_counts});
    reply_.template_name = chosen.name;
    std::vector<std::string> needs = chosen.needs;
    for (const std::string& gap : gaps_of(chosen.text))
      if (std::find(needs.begin(), needs.end(), gap) == needs.end()) needs.push_back(gap);
    for (const std::string& slot : needs)
      if (!c_.slots.contains(slot)) return ask_for(slot);
    reply_.answer = filled(chosen.text, c_.slots);
    c_.used.push_back(chosen.name);
    if (c_.used.size() > kMostUsed) c_.used.erase(c_.used.begin());
    c_.last = intent_;
    c_.intent.clear(), c_.asked.clear(), c_.failures = 0;
    return std::move(reply_);
  }

  DeskReply ask_for(const std::string& slot) {
    const auto times = static_cast<std::size_t>(std::count(c_.used.begin(), c_.used.end(), "?" + slot));
    if (times >= kMostQuestions) return hand_over(kNoDetail);
    c_.used.push_back("?" + slot);
    c_.intent = intent_, c_.asked = slot;
    reply_.asked = slot;
    return ask(question_for(slot, c_.language, word_for(c_.style)));
  }

  const Desk::State& s_;
  Conversation& c_;
  const Run& run_;
  DeskReply reply_;
  std::string text_, plain_;        // as read; with the names of slots for their values
  bool has_slots_ = false, has_asked_ = false, has_order_ = false, is_of_another_ = false;
  IntentReading reading_;
  bool is_in_scope_ = false;
  std::string intent_;
  double intent_chance_ = 0, source_chance_ = 0;
  std::vector<Hit> hits_;
};

}  // namespace

DeskReply Desk::answer(const std::string& message, Conversation& conversation, std::chrono::year_month_day today, const Run& run) const {
  state_->take_new_picks(run);
  const std::shared_lock lock(state_->mutex);
  return Answering(*state_, conversation, run).reply_to(message, today);
}

}  // namespace attune::talk::desk
