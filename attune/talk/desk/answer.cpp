// Answering: what a message wants, which source answers it best, what is still to be asked, and when a person is to take over.
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>

#include "attune/core/printable.h"
#include "attune/talk/desk/desk_state.h"

namespace attune::talk::desk {
namespace {

constexpr std::size_t kLongestMessage = 4000, kMostSaid = 20, kMostUsed = 20, kMostQuestions = 3;
// Below these chances of being right a person is asked instead: an answer that misses costs a customer more than a wait.
// Passages are longer than questions, so less like them at best, and come with their place: a lower bar.
constexpr double kSureIntent = 0.4, kSureSource = 0.5, kSurePassage = 0.3;

// Somebody asks for a person: answered before anything else.
bool wants_person(std::string_view text) {
  std::string low;
  for (const char c : text) low += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  static constexpr std::string_view verbs[] = {"speak to", "speak with", "talk to", "talk with", "chat with", "connect me", "transfer me", "put me through", "get me", "i want", "i need", "call me"};
  static constexpr std::string_view persons[] = {"a human", "a person", "real person", "an agent", "live agent", "representative", "an operator", "customer service", "a manager", "supervisor", "someone real", "human being"};
  static constexpr std::string_view chinese[] = {"转人工", "人工客服", "找人工", "真人", "人工服务"};
  for (const auto word : chinese)
    if (low.find(word) != std::string::npos) return true;
  for (const auto verb : verbs)
    if (const std::size_t at = low.find(verb); at != std::string::npos)
      for (const auto person : persons)
        if (const std::size_t next = low.find(person, at); next != std::string::npos && next - at < 40) return true;
  return low == "agent" || low == "human" || low == "operator";
}

bool has_letters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80; });
}

// What is left of a text without its {slots}.
std::string without_values_alone(const std::string& text) {
  std::string left;
  bool inside = false;
  for (const char c : text) {
    inside = inside || c == '{';
    if (!inside) left += c;
    if (c == '}') inside = false;
  }
  return left;
}

std::string filled(const std::string& text, const Slots& slots) {
  std::string made;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = text.find('{', at), close = open == std::string::npos ? open : text.find('}', open);
    if (close == std::string::npos) return made + text.substr(at);
    made += text.substr(at, open - at);
    const auto found = slots.find(text.substr(open + 1, close - open - 1));
    made += found != slots.end() ? found->second : text.substr(open, close - open + 1);
    at = close + 1;
  }
  return made;
}

struct Words {
  std::string_view english_formal, english_casual, chinese;
  std::string in(const Conversation& c) const {
    return std::string(c.language == "zh" ? chinese : word_for(c.style) == "casual" ? english_casual : english_formal);
  }
};
constexpr Words kHandover = {"I am passing your message to a colleague, who will answer you shortly.", "I'm passing this on to a colleague, they'll get back to you shortly.", "我把您的问题转给同事，很快会有人回复您。"};
constexpr Words kBlank = {"Please write what we can help you with.", "What can we help you with?", "请写下您需要什么帮助。"};

std::string percent(double chance) { return std::to_string(static_cast<int>(std::lround(100 * chance))) + " %"; }

// What somebody who takes over should know, values of slots included: it goes to the shop's own people.
std::string summary_of(const Conversation& c, const std::string& intent, double confidence, const std::string& why) {
  const bool zh = c.language == "zh";
  std::string text = (zh ? "转接原因：" : "Handed over: ") + why + (zh ? "。" : ".");
  text += zh ? " 客户消息：" : " The customer wrote:";
  const std::size_t first = c.said.size() > 3 ? c.said.size() - 3 : 0;
  for (std::size_t i = first; i < c.said.size(); ++i) text += (zh ? "“" : " \"") + filled(printable(c.said[i], Lines::escape, 300), c.slots) + (zh ? "”" : "\"");
  if (!intent.empty()) text += (zh ? " 可能的意图：" : " Perhaps about: ") + intent + " (" + percent(confidence) + ")" + (zh ? "。" : ".");
  if (!c.slots.empty()) {
    text += zh ? " 已知：" : " Known:";
    for (const auto& [name, value] : c.slots) text += " " + name + " " + printable(value, Lines::escape, 100) + ";";
  }
  const auto sent = std::find_if(c.used.rbegin(), c.used.rend(), [](const std::string& name) { return !name.starts_with("?"); });
  if (sent != c.used.rend()) text += (zh ? " 已发送：" : " Already sent: ") + *sent + (zh ? "。" : ".");
  text += (zh ? " 语气：" : " Tone: ") + std::string(zh ? (word_for(c.style) == "casual" ? "随意" : "正式") : word_for(c.style)) + (zh ? "。" : ".");
  return text;
}

}  // namespace

std::string readable(std::string_view message) {
  std::string text;
  std::size_t characters = 0;
  bool was_space = true;
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(message.data());
  for (std::size_t i = 0; i < message.size() && characters < kLongestMessage;) {
    utf8proc_int32_t c = 0;
    const utf8proc_ssize_t n = utf8proc_iterate(at + i, static_cast<utf8proc_ssize_t>(message.size() - i), &c);
    const bool is_space = n > 0 && (c <= 0x20 || c == 0x7f || c == 0x3000 || c == 0xa0 || (c >= 0x80 && c < 0xa0) || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff);
    if (is_space) {
      if (!was_space) text += ' ';
    } else if (n <= 0) {
      text += "\xef\xbf\xbd";
    } else {
      text.append(message.substr(i, static_cast<std::size_t>(n)));
    }
    if (!is_space || !was_space) ++characters;
    was_space = is_space;
    i += static_cast<std::size_t>(std::max<utf8proc_ssize_t>(n, 1));
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

DeskReply Desk::answer(const std::string& message, Conversation& c, std::chrono::year_month_day today, const Run& run) const {
  State& s = *state_;
  s.take_new_picks(run);
  const std::shared_lock lock(s.mutex);
  DeskReply reply;
  const std::string text = readable(message);
  if (text.empty()) {
    reply.answer = kBlank.in(c);
    return reply;
  }
  const std::vector<FoundSlot> found = find_slots(text, c.asked, today);
  bool has_asked = false;
  for (const FoundSlot& f : found) {
    has_asked = has_asked || f.name == c.asked;
    c.slots[f.name] = f.value;
  }
  const std::string plain = without_values(text, found);
  if (has_letters(plain) || c.language.empty()) {
    const bool only_slots = found.size() > 0 && std::count(plain.begin(), plain.end(), ' ') < 3 && !c.language.empty();
    if (!only_slots) {
      c.language = language_of(text);
      c.style = blended(c.style, c.messages, style_of(plain));
    }
  }
  ++c.messages;
  c.said.push_back(plain);
  if (c.said.size() > kMostSaid) c.said.erase(c.said.begin());

  // What it is about: of the known intents, and of the questions and passages.
  IntentReading reading;
  const std::vector<std::string> texts = {plain};
  const std::vector<Matrix> rows = s.encoders.read(texts, "", run);
  const ReadTexts once = [&](std::span<const std::string>, const Run&) {   // the encoders read a message once for all
    std::vector<Matrix> copies;
    for (const Matrix& m : rows) copies.push_back(m.clone());
    return copies;
  };
  if (s.intents) reading = s.intents->read(texts, once, run).front();
  std::vector<std::span<const float>> views;
  for (const Matrix& m : rows) views.push_back(m.row(0));
  const std::vector<Hit> hits = s.search.find(plain, views, 3);
  const double source_chance = s.search.confidence(hits);
  // A message stranger than four in five of the known ones is less surely of its intent than its chance among the intents says.
  double intent_chance = s.intents && reading.in_scope ? reading.best.front().second * std::min(1.0, reading.common / 0.2) : 0;
  std::string intent = s.intents ? s.intent_names[reading.best.front().first] : "";
  if (s.intents && intent.empty()) intent_chance = 0;   // questions and passages are what it is about
  const bool is_about_sources = s.intents && intent.empty() && reading.in_scope;

  const auto suggest = [&] {
    for (const auto& [label, chance] : reading.best)
      for (const Template& t : s.content.templates)
        if (!t.intent.empty() && t.intent == s.intent_names[label] && t.language == c.language && reply.suggestions.size() < 3 && chance > 0.02) {
          reply.suggestions.push_back(t.name);
          break;
        }
  };
  const auto hand_over = [&](const Words& why) {
    ++c.failures;
    reply.answer = kHandover.in(c);
    reply.template_name.clear();
    reply.handover = true;
    reply.intent = intent_chance > 0 ? intent : "";
    reply.confidence = std::max(intent_chance, source_chance);
    reply.summary = summary_of(c, s.intents ? intent : "", s.intents ? reading.best.front().second : 0, why.in(c));
    suggest();
    c.intent.clear(), c.asked.clear();
    return reply;
  };
  if (wants_person(text)) return hand_over({"the customer asks for a person", "the customer asks for a person", "客户要求人工服务"});

  // A number alone, and nobody asked for it: what is wanted?
  if (!found.empty() && !has_asked && !has_letters(without_values_alone(plain))) {
    reply.answer = kBlank.in(c);
    return reply;
  }
  // The answer to a question of ours goes on with what was asked for, unless the message clearly wants something else.
  const bool goes_on = !c.intent.empty() && has_asked && !(intent_chance > 0.8 && intent != c.intent && std::count(plain.begin(), plain.end(), ' ') >= 3);
  if (goes_on) intent = c.intent, intent_chance = 1;
  const bool by_intent = intent_chance >= kSureIntent && (goes_on || intent_chance >= source_chance);
  const bool is_passage = !hits.empty() && std::find(s.faq_answers.begin(), s.faq_answers.end(), hits.front().answer) == s.faq_answers.end();
  if (!by_intent && source_chance >= (is_passage || is_about_sources ? kSurePassage : kSureSource)) {
    const Entry& entry = s.search.entry(hits.front().entry);
    const std::uint32_t answer = entry.answer;
    const auto faq = std::find(s.faq_answers.begin(), s.faq_answers.end(), answer);
    reply.confidence = source_chance;
    c.failures = 0, c.intent.clear(), c.asked.clear();
    if (faq != s.faq_answers.end()) {
      const Faq& f = s.content.faq[static_cast<std::size_t>(faq - s.faq_answers.begin())];
      reply.answer = f.answer, reply.template_name = f.name;
      reply.sources.push_back({"faq", f.name, f.question});
    } else {
      const std::uint32_t first = s.faq_answers.empty() ? 0 : *std::max_element(s.faq_answers.begin(), s.faq_answers.end()) + 1;
      const Passage& p = s.content.passages[answer - first];
      reply.answer = p.text;
      reply.sources.push_back({"passage", p.document + ":" + std::to_string(p.line) + (p.heading.empty() ? "" : " " + p.heading), p.text});
    }
    return reply;
  }
  if (!by_intent) return hand_over(intent_chance > 0 || reading.in_scope ? Words{"it is not clear what is wanted", "it is not clear what is wanted", "不确定客户需要什么"}
                                                                        : Words{"nothing known answers this", "nothing known answers this", "没有已知的答案"});
  std::vector<const Template*> candidates;
  for (const Template& t : s.content.templates)
    if (t.intent == intent) candidates.push_back(&t);
  reply.intent = intent, reply.confidence = intent_chance;
  if (candidates.empty()) return hand_over({"no template answers this intent", "no template answers this intent", "该意图没有回复模板"});
  const Template& chosen = *choose(candidates, {.language = c.language, .style = c.style, .used = c.used, .picks = &s.pick_counts});
  std::vector<std::string> needs = chosen.needs;
  for (const std::string& gap : gaps_of(chosen.text))
    if (std::find(needs.begin(), needs.end(), gap) == needs.end()) needs.push_back(gap);
  reply.template_name = chosen.name;
  for (const std::string& slot : needs) {
    if (c.slots.contains(slot)) continue;
    const std::size_t times = static_cast<std::size_t>(std::count(c.used.begin(), c.used.end(), "?" + slot));
    if (times >= kMostQuestions) return hand_over({"a detail is missing that was asked for more than once", "a detail is missing that was asked for more than once", "多次询问后仍缺少信息"});
    c.used.push_back("?" + slot);
    c.intent = intent, c.asked = slot;
    reply.asked = slot;
    reply.answer = question_for(slot, c.language, word_for(c.style));
    return reply;
  }
  reply.answer = filled(chosen.text, c.slots);
  c.used.push_back(chosen.name);
  if (c.used.size() > kMostUsed) c.used.erase(c.used.begin());
  c.intent.clear(), c.asked.clear(), c.failures = 0;
  return reply;
}

}  // namespace attune::talk::desk
