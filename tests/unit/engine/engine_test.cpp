// Engine: from a store to lists, live changes, restarts, erasure, damaged snapshots.
#include "attune/engine/engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/data/later.h"
#include "attune/engine/fit.h"

namespace attune::engine {
namespace {

namespace fs = std::filesystem;

// Three circles of readers; the texts say which shelf a book stands on.
class Shop : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("attune_shop_" + std::to_string(::getpid()) + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    Workspace::init(folder_);
    const auto store = workspace().store();
    data::Batch batch;
    for (int shelf = 0; shelf < 3; ++shelf)
      for (int book = 0; book < 6; ++book) {
        data::Record record{.name = name(shelf, book), .text = std::string(kShelves[shelf]) + " book number " + std::to_string(book)};
        record.attributes["price"] = 2.0 * book + 1;
        record.attributes["shelf"] = kShelves[shelf];
        batch.items.push_back(std::move(record));
      }
    for (int reader = 0; reader < 30; ++reader)
      for (int step = 0; step < 4; ++step)
        batch.events.push_back({.user = "reader" + std::to_string(reader), .item = name(reader % 3, (reader / 3 + step) % 6),
                                .type = "purchase", .value = {}, .time_ms = 1700000000000 + reader * 1000 + step * 86400000, .session = "", .request = ""});
    store->take(batch);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string name(int shelf, int book) { return std::string(kShelves[shelf]) + std::to_string(book); }
  Workspace workspace() const { return Workspace::open(folder_); }
  Settings settings() const {
    Settings s = standard_settings();
    s.encoders = {"tfidf"};
    s.models = {"slist", "popularity"};
    return s;
  }
  void fit_now() const { fit(workspace(), settings(), attune::Run{}); }
  Engine engine() const { return Engine(workspace(), settings(), attune::Run{}); }
  static std::vector<std::string> names(const List& list) {
    std::vector<std::string> out;
    for (const ListItem& item : list.items) out.push_back(item.item);
    return out;
  }

  static constexpr const char* kShelves[3] = {"garden", "kitchen", "space"};
  fs::path folder_;
};

// What the stages say of a list, a line each.
std::string notes_of(const List& list) {
  std::string all;
  for (const auto& note : list.notes) all += note.stage + ": " + note.reason + "\n";
  return all;
}

TEST_F(Shop, recommends_from_the_shelf_a_reader_reads) {
  fit_now();
  const List list = engine().recommend({.user = "reader0", .k = 2});
  ASSERT_EQ(list.items.size(), 2u);
  for (const ListItem& item : list.items) EXPECT_TRUE(item.item.starts_with("garden")) << item.item;
}

TEST_F(Shop, parts_of_every_score_add_up) {
  fit_now();
  for (const ListItem& item : engine().recommend({.user = "reader4", .k = 10, .explain = true}).items) {
    EXPECT_NEAR(item.why.value, item.score, 1e-4);
    EXPECT_LT(gap(item.why), 1e-4 * (1 + std::abs(item.score)));
    EXPECT_FALSE(item.because.empty());
  }
}

// Everybody ends with the two books that nobody took before: popularity has that the wrong way round, trees on top of it do not.
TEST_F(Shop, trees_on_top_of_the_fused_score_are_sealed_and_told_in_explanations) {
  {
    const auto store = workspace().store();
    data::Batch batch;
    for (int reader = 0; reader < 300; ++reader) {
      const std::string books[] = {name(reader % 3, reader % 5), name((reader / 3) % 3, (reader / 7 + 1) % 5), "last but one", "last"};
      for (int step = 0; step < 4; ++step)
        batch.events.push_back({.user = "crowd" + std::to_string(reader), .item = books[step], .type = "purchase", .value = {},
                                .time_ms = 1750000000000 + reader * 1000 + step * 86400000, .session = "", .request = ""});
    }
    store->take(batch);
  }
  Settings stacking = settings();
  stacking.models = {"popularity"};
  stacking.fit.stacking = true;
  const FitReport report = fit(workspace(), stacking, attune::Run{});
  const Json& record = report.record.at("stacking");
  EXPECT_GT(record.at("trees").as_integer(), 0);
  EXPECT_GT(record.at("cross_fitted").as_number(), record.at("fused").as_number() + 0.1);
  bool told = false;
  for (const ListItem& item : Engine(workspace(), stacking, attune::Run{}).recommend({.user = "reader4", .k = 10, .explain = true}).items) {
    EXPECT_NEAR(item.why.value, item.score, 1e-4);
    EXPECT_LT(gap(item.why), 1e-4 * (1 + std::abs(item.score)));
    for (const Explanation& part : item.why.parts) told = told || (part.what == "stack" && !part.parts.empty());
  }
  EXPECT_TRUE(told);
}

TEST_F(Shop, never_shows_what_the_reader_has) {
  fit_now();
  for (const std::string& item : names(engine().recommend({.user = "reader1", .k = 100})))
    for (int step = 0; step < 4; ++step) EXPECT_NE(item, name(1, step % 6));
}

TEST_F(Shop, one_event_changes_the_next_list) {
  fit_now();
  Engine shop = engine();
  const std::vector<std::string> before = names(shop.recommend({.user = "new reader", .k = 3}));
  const data::Event event{.user = "new reader", .item = name(2, 0), .type = "purchase", .value = {}, .time_ms = 1800000000000, .session = "", .request = ""};
  shop.observe(std::span(&event, 1));
  const std::vector<std::string> after = names(shop.recommend({.user = "new reader", .k = 3}));
  EXPECT_NE(before, after);
  EXPECT_TRUE(after.front().starts_with("space")) << after.front();
}

TEST_F(Shop, an_event_marked_later_counts_from_its_time_on_and_others_of_the_future_at_once) {
  fit_now();
  Engine shop = engine();
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  data::Event later{.user = "planner", .item = name(2, 0), .type = "purchase", .time_ms = now + 300};
  data::mark_later(later, now);
  const std::vector<data::Event> both = {later, {.user = "planner", .item = name(2, 1), .type = "purchase", .time_ms = now + 86400000}};
  shop.observe(std::span(both));
  const auto shown = [&](const std::string& item) {
    const std::vector<std::string> list = names(shop.recommend({.user = "planner", .k = 100}));
    return std::find(list.begin(), list.end(), item) != list.end();
  };
  EXPECT_FALSE(shown(name(2, 1)));
  while (shown(name(2, 0))) ASSERT_LT(std::chrono::system_clock::now().time_since_epoch(), std::chrono::milliseconds(now + 10000));
  EXPECT_GE(std::chrono::system_clock::now().time_since_epoch(), std::chrono::milliseconds(now + 300));
  EXPECT_FALSE(shown(name(2, 0)));
}

TEST_F(Shop, a_new_item_is_recommended_at_once_and_after_a_restart) {
  fit_now();
  {
    Engine shop = engine();
    data::Record record{.name = "garden-new", .text = "garden book number 2"};
    shop.put(record);
    const std::vector<std::string> list = names(shop.recommend({.user = "reader0", .k = 5}));
    EXPECT_NE(std::find(list.begin(), list.end(), "garden-new"), list.end());
  }
  const std::vector<std::string> list = names(engine().recommend({.user = "reader0", .k = 5}));
  EXPECT_NE(std::find(list.begin(), list.end(), "garden-new"), list.end());
}

TEST_F(Shop, a_hidden_item_is_not_shown_from_then_on) {
  fit_now();
  Engine shop = engine();
  const std::string first = names(shop.recommend({.user = "reader0", .k = 1})).front();
  data::Record record = *shop.store().find(data::Kind::item, first);
  record.hidden = true;
  shop.put(record);
  EXPECT_NE(names(shop.recommend({.user = "reader0", .k = 1})).front(), first);
}

TEST_F(Shop, a_filter_keeps_only_what_passes) {
  fit_now();
  for (const ListItem& item : engine().recommend({.user = "reader0", .filter = "price < 4", .k = 10}).items)
    EXPECT_LE(item.item.back(), '1') << item.item;
}

TEST_F(Shop, an_erased_user_is_gone_from_the_next_answer_and_the_files) {
  fit_now();
  Engine shop = engine();
  const auto receipt = shop.erase(data::Kind::user, "reader0");
  EXPECT_EQ(receipt.events, 4u);
  EXPECT_TRUE(shop.store().user_events("reader0").empty());
  const List list = shop.recommend({.user = "reader0", .k = 3});
  EXPECT_FALSE(list.notes.empty());  // "nothing is known of ..."
}

TEST_F(Shop, an_erased_item_stays_away_after_a_restart) {
  fit_now();
  const std::string first = names(engine().recommend({.user = "reader0", .k = 1})).front();
  engine().erase(data::Kind::item, first);
  for (const std::string& item : names(engine().recommend({.user = "reader0", .k = 100}))) EXPECT_NE(item, first);
}

TEST_F(Shop, free_text_finds_the_right_shelf_for_somebody_unknown) {
  fit_now();
  EXPECT_TRUE(names(engine().recommend({.about = "space book", .k = 1})).front().starts_with("space"));
}

TEST_F(Shop, a_damaged_snapshot_is_passed_over_for_the_last_good_one) {
  fit_now();
  fit_now();
  const auto all = snapshot_names(workspace().snapshots_path());
  ASSERT_EQ(all.size(), 2u);
  const fs::path part = workspace().snapshots_path() / all.front() / "model_slist.bin";
  std::fstream file(part, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(fs::file_size(part) / 2));
  file.put('\x7f');
  file.close();
  EXPECT_THROW(open_snapshot(workspace().snapshots_path() / all.front()), Error);
  std::vector<std::string> said;
  attune::Run run;
  run.say = [&](const std::string& text) { said.push_back(text); };
  const auto good = open_newest(workspace().snapshots_path(), run);
  ASSERT_NE(good, nullptr);
  EXPECT_EQ(good->name, all.back());
  ASSERT_EQ(said.size(), 1u);
  EXPECT_NE(said.front().find(all.front()), std::string::npos);
}

TEST_F(Shop, a_running_engine_takes_a_newer_snapshot_with_what_came_since) {
  fit_now();
  Engine shop = engine();
  EXPECT_FALSE(shop.reload(attune::Run{}));
  const std::string first = shop.snapshot()->name;
  shop.put({.name = "greenhouse", .text = "garden book about glass"});
  fit_now();
  shop.put({.name = "orbit", .text = "space book about orbits"});
  EXPECT_TRUE(shop.reload(attune::Run{}));
  EXPECT_NE(shop.snapshot()->name, first);
  EXPECT_FALSE(shop.reload(attune::Run{}));
  EXPECT_FALSE(shop.similar("greenhouse", {.k = 3}).items.empty());
  EXPECT_FALSE(shop.similar("orbit", {.k = 3}).items.empty());
}

TEST_F(Shop, what_another_process_writes_to_the_workspace_is_in_the_next_list) {
  fit_now();
  Engine shop = engine(), other = engine();
  EXPECT_TRUE(shop.is_shared());
  shop.follow(0, attune::Run{});     // looks from here on
  const auto first = [&] { return shop.recommend({.user = "newcomer", .k = 1}).items.at(0).item; };
  const std::string shown = first();
  other.observe(std::vector<data::Event>{{.user = "newcomer", .item = shown, .type = "purchase", .time_ms = 1}});
  other.put({.name = "orbit", .text = "space book about orbits"});
  const Caught caught = shop.follow(5000, attune::Run{});
  EXPECT_EQ(caught.events.size(), 1u);
  EXPECT_EQ(caught.items.size(), 1u);
  EXPECT_NE(first(), shown);
  EXPECT_FALSE(shop.similar("orbit", {.k = 3}).items.empty());
  other.erase(data::Kind::user, "newcomer");
  EXPECT_EQ(shop.follow(5000, attune::Run{}).receipts.size(), 1u);
  EXPECT_EQ(first(), shown);
  shop.observe(std::vector<data::Event>{{.user = "newcomer", .item = shown, .type = "purchase", .time_ms = 2}});
  EXPECT_TRUE(shop.follow(1000, attune::Run{}).is_empty()) << "its own events are no news";
}

TEST_F(Shop, a_new_edition_is_like_the_book_it_repeats_before_anybody_took_it) {
  fit_now();
  Engine shop = engine();
  const std::string like = name(1, 2), text = shop.world()->item(*shop.world()->find(like)).text;
  shop.put({.name = "new edition", .text = text + ", second edition"});
  const List list = shop.similar(like, {.k = 3, .explain = true});
  ASSERT_EQ(list.items.front().item, "new edition");
  double sum = 0;
  for (const Explanation& part : list.items.front().why.parts) sum += part.value;
  EXPECT_NEAR(sum, list.items.front().score, 1e-4);
  EXPECT_TRUE(list.notes.empty());
}

TEST_F(Shop, a_stopped_fit_leaves_no_half_snapshot) {
  const std::atomic<bool> stop{true};
  attune::Run run;
  run.stop = &stop;
  EXPECT_THROW(fit(workspace(), settings(), run), Error);
  EXPECT_TRUE(snapshot_names(workspace().snapshots_path()).empty());
}

TEST_F(Shop, two_fits_at_once_are_refused_with_a_reason) {
  const Workspace::Lock lock = workspace().lock_for_fit();
  try {
    fit_now();
    FAIL() << "the second fit must be refused";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::io);
    EXPECT_NE(std::string(e.what()).find(std::to_string(::getpid())), std::string::npos) << e.what();
  }
}

TEST_F(Shop, says_which_command_is_missing_when_nothing_was_fitted) {
  try {
    engine();
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::not_found);
    EXPECT_NE(std::string(e.what()).find("fit"), std::string::npos);
  }
}

TEST_F(Shop, a_filter_or_cap_on_an_attribute_that_no_item_has_says_so_and_names_the_nearest) {
  fit_now();
  const Engine shop = engine();
  const auto said = [&](const Ask& ask) { return notes_of(shop.recommend(ask)); };
  EXPECT_NE(said({.user = "reader0", .filter = "prize < 5"}).find("filter: no item has an attribute 'prize'; did you mean 'price'?"), std::string::npos);
  EXPECT_NE(said({.user = "reader0", .caps = "shelv=2"}).find("cap: no item has an attribute 'shelv'; did you mean 'shelf'?"), std::string::npos);
  const std::string right = said({.user = "reader0", .filter = "price < 5 and not (name = garden0 or text contains kitchen)", .caps = "shelf=2"});
  EXPECT_EQ(right.find("no item has"), std::string::npos) << right;
}

TEST_F(Shop, a_text_of_unknown_words_says_that_nothing_in_it_is_known) {
  fit_now();
  const auto said = [&](const std::string& about) {
    std::string all;
    for (const auto& note : engine().recommend({.about = about}).notes) all += note.stage + ": " + note.reason + "\n";
    return all;
  };
  EXPECT_NE(said("zzqx").find("about: nothing in the text asked about is known here"), std::string::npos) << said("zzqx");
  EXPECT_EQ(said("garden book").find("about:"), std::string::npos);
}

// "attune import users.csv" brought a text of somebody who has done nothing yet, and their list was what most people take.
TEST_F(Shop, a_list_for_somebody_without_events_goes_by_the_text_of_their_profile_and_says_so) {
  {
    const auto store = workspace().store();
    const std::vector<data::Record> users = {{.name = "gardener", .text = "likes a good garden book"}, {.name = "stranger", .text = "zzqx"}};
    store->put(data::Kind::user, std::span(users));
  }
  fit_now();
  Engine shop = engine();
  const List list = shop.recommend({.user = "gardener", .k = 3});
  for (const ListItem& item : list.items) EXPECT_TRUE(item.item.starts_with("garden")) << item.item;
  ASSERT_EQ(list.notes.size(), 1u);
  EXPECT_EQ(list.notes[0].reason, "user 'gardener' has done nothing yet: these items go by the text of their profile");
  EXPECT_EQ(list.items.front().because, "because it fits “likes a good garden book”");
  EXPECT_EQ(names(list), names(shop.recommend({.about = "likes a good garden book", .k = 3})));
  EXPECT_EQ(shop.store().user_exposures("gardener", 10).size(), 1u);   // somebody who is known

  const List unread = shop.recommend({.user = "stranger", .k = 3});
  EXPECT_NE(unread.notes.at(0).reason.find("nothing in the text of their profile is known here"), std::string::npos) << unread.notes[0].reason;
  EXPECT_TRUE(shop.recommend({.user = "gardener", .about = "space", .k = 1}).items.front().item.starts_with("space"));

  const data::Event taken{.user = "gardener", .item = name(2, 0), .type = "purchase", .value = {}, .time_ms = 1800000000000, .session = "", .request = ""};
  shop.observe(std::span(&taken, 1));
  const List after = shop.recommend({.user = "gardener", .k = 1});
  EXPECT_TRUE(after.items.front().item.starts_with("space")) << "what was done says more than what was said";
  EXPECT_TRUE(after.notes.empty());
}

TEST_F(Shop, a_list_says_what_a_filter_left_and_which_item_to_exclude_is_none) {
  fit_now();
  const Engine shop = engine();
  const auto said = [&](const Ask& ask) { return notes_of(shop.recommend(ask)); };
  EXPECT_EQ(said({.user = "nobody", .filter = "price > 10 and shelf = garden", .k = 10}),
            "retrieve: asked for 10, only 1 items may be shown (filter: price > 10 and shelf = garden)\n"
            "history: nothing is known of user 'nobody' yet: these are items that most people take\n");
  EXPECT_EQ(said({.user = "reader0", .exclude = {"gardn0", name(1, 1)}, .k = 3}), "exclude: there is no item 'gardn0' to leave out\n");
  EXPECT_EQ(said({.user = "reader0", .filter = "price < cheap", .k = 3}), "filter: 'price' is a number in every item and 'cheap' is none: they are compared letter by letter\n");
  const List without = shop.recommend({.user = "reader0", .exclude = {name(0, 5)}, .k = 100});
  for (const std::string& item : names(without)) EXPECT_NE(item, name(0, 5));
  const WhyAnswer why = shop.explain({.user = "reader0", .exclude = {name(0, 5)}}, name(0, 5));
  EXPECT_EQ(why.answer.sentence, "not in the list: it was left out on request");
  EXPECT_EQ(shop.explain({.user = "reader0", .filter = "price < 2"}, name(0, 5)).answer.sentence, "not in the list: it does not pass the filter price < 2");
}

// "explain --language zh" was partly English. Names and what was asked stay as they are.
TEST_F(Shop, in_chinese_no_note_and_no_sentence_is_english) {
  fit_now();
  Engine shop = engine();
  data::Record hidden{.name = name(1, 2), .text = "kitchen book number 2"};
  hidden.hidden = true;
  shop.put(hidden);
  shop.erase(data::Kind::item, name(1, 3));
  std::vector<std::string> said;
  const auto take = [&](const List& list) {
    for (const rank::Note& note : list.notes) said.push_back(note.reason);
    for (const ListItem& item : list.items) {
      said.push_back(item.because);
      for (const rank::Note& note : item.notes) said.push_back(note.reason);
    }
  };
  take(shop.recommend({.user = "reader0", .k = 18, .diversity = 0.7, .language = "zh"}));
  take(shop.recommend({.user = "reader0", .exclude = {"G1"}, .caps = "shelf=1,P1=1", .k = 18, .language = "zh"}));
  take(shop.recommend({.user = "U1", .filter = "price < X1", .k = 3, .language = "zh"}));
  take(shop.recommend({.user = "U1", .about = "Z1", .k = 3, .language = "zh"}));
  take(shop.recommend({.user = "U1", .about = "garden book", .k = 3, .language = "zh"}));
  take(shop.recommend({.user = "reader0", .k = 18, .min_score = 1, .language = "zh"}));
  take(shop.similar(name(0, 0), {.k = 3, .language = "zh"}));
  take(shop.search("garden", {.k = 3, .language = "zh"}));
  take(shop.search("Z1", {.k = 3, .language = "zh"}));
  for (int shelf = 0; shelf < 3; ++shelf)
    for (int book = 0; book < 6; ++book)
      for (const double least : {-1e30, 1.0})
        if (name(shelf, book) != name(1, 3)) {
          const WhyAnswer why = shop.explain({.user = "reader0", .exclude = {name(2, 1)}, .filter = "price < 10", .caps = "shelf=1", .k = 4, .diversity = 0.5, .min_score = least, .language = "zh"}, name(shelf, book));
          said.push_back(why.answer.sentence);
          for (const rank::Note& note : why.answer.notes) said.push_back(note.reason);
        }
  EXPECT_GT(said.size(), 60u);
  for (std::string text : said) {
    const std::string whole = text;
    for (const char* known : {"garden book number", "kitchen book number", "space book number", "garden book", "garden", "kitchen", "space", "shelf", "price", "reader0"})
      for (std::size_t at = 0; (at = text.find(known)) != std::string::npos;) text.erase(at, std::string(known).size());
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    std::size_t letters = 0, longest = 0;   // in a row: U1, Z1 are names
    for (const char c : text) longest = std::max(longest, letters = is_letter(c) ? letters + 1 : 0);
    EXPECT_LE(longest, 1u) << whole;
  }
}

// "leaves nobody to be judged; import more events" was all that a shop of a few days got from its first fit.
TEST_F(Shop, a_shop_too_young_to_be_judged_is_fitted_and_gives_lists) {
  fs::remove_all(folder_);
  Workspace::init(folder_);
  const std::vector<data::Event> events = {{.user = "ana", .item = "mug", .type = "purchase", .value = {}, .time_ms = 1700000000000, .session = "", .request = ""},
                                           {.user = "ana", .item = "bowl", .type = "purchase", .value = {}, .time_ms = 1700000001000, .session = "", .request = ""},
                                           {.user = "ben", .item = "mug", .type = "purchase", .value = {}, .time_ms = 1700000002000, .session = "", .request = ""}};
  workspace().store()->append(events);
  std::string said;
  attune::Run run;
  run.say = [&](const std::string& text) { said += text + "\n"; };
  fit(workspace(), settings(), run);
  EXPECT_NE(said.find("histories are too short to hold anything out"), std::string::npos) << said;
  EXPECT_EQ(names(engine().recommend({.user = "ben", .k = 1})), std::vector<std::string>{"bowl"});
}

TEST_F(Shop, why_not_names_the_bar) {
  fit_now();
  const WhyAnswer why = engine().explain({.user = "reader0"}, name(0, 0));
  ASSERT_TRUE(why.answer.barred.has_value());
  EXPECT_EQ(why.answer.barred->stage, "seen");
}

}  // namespace
}  // namespace attune::engine
