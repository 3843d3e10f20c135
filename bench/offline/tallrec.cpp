// TALLRec's like / dislike prompts, few-shot: will this person like that film or book, told from up to 10 others liked or disliked?
//   bench_tallrec FOLDER [--part test|validation] [--vectors FILE.npy] [--features share,age,text ...] [--each-listed] [--reg 30] [--text-reg 10]
//                 [--shots 16,64,256,0] [--draws 10] [--known RATINGS_FOLDER --movies FOLDER | --books FILE] [--share-prior 1,2] [--block 1] [--texts OUT.txt]
// FOLDER holds test.jsonl and valid.jsonl (or .gz). Shots are rows of the validation file (the training file is not public in full);
// 0 shots = all of it. A logistic regression learns from them; AUC of its chance of a yes, mean over draws, with a bootstrap interval
// over blocks of consecutive rows (windows of one person overlap). --part validation: five parts of consecutive rows, each judged by
// shots from the others, rows within 20 of the part left out, mean AUC of the parts; settings are chosen there.
// Features: share = log odds of a like among what is listed; age = log of years since the title's year; near = likes minus dislikes,
// near texts counting more; item, author = likes beyond their readers' share in the shots, pulled to 0; text = whitened vector;
// known = mean stars of the title in another catalogue (--known or --books), nothing of these people; fame = log of how many rated it
// there (--books FILE: title, author, mean stars, log count, by tabs: bench/offline/cold_data.py). --share-prior LIKES,COUNT is added to
// what is listed before the share is taken. --each-listed: every listed item is a case
// too, told from the others of its list. --texts writes a title a line, in the order of --vectors: bench_embed makes one from the other.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <set>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/random.h"
#include "attune/core/whiten.h"
#include "attune/data/encoding.h"
#include "attune/data/text_file.h"
#include "attune/eval/bootstrap.h"
#include "attune/model/rating.h"
#include "attune/train/logistic.h"
#include "bench/offline/bench.h"

namespace attune::bench {
namespace {

namespace fs = std::filesystem;

struct Listed {
  std::uint32_t item = 0;
  bool liked = false;
};

struct Row {
  std::vector<Listed> listed;
  Listed asked;
};

struct World {
  std::vector<std::string> titles;   // ascending
  std::vector<std::string> authors;  // [titles], of books
  std::vector<double> years;         // [titles], 0 = not in the title
  std::vector<Row> valid, test;
  Matrix points;                     // [titles, dim] whitened, of length 1
  std::vector<double> stars;         // [titles] in the other catalogue; its mean where it has no such title
  std::vector<double> fame;          // [titles] log of how many rated it there; the mean where it has no such title
  double prior_likes = 1, prior_count = 2;
};

// Quotes away, one space between words.
std::string plain(const std::string& text) {
  std::string made;
  for (const char c : text) {
    const bool is_gap = c == '"' || c == ' ' || c == '\t' || c == '\r';
    if (!is_gap) made += c;
    else if (!made.empty() && made.back() != ' ') made += ' ';
  }
  while (!made.empty() && made.back() == ' ') made.pop_back();
  return made;
}

// "A", "B" written by C: items end at a comma before a quote.
std::vector<std::string> titles_of(const std::string& list) {
  std::vector<std::string> titles;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(", \"", at), list.size());
    if (std::string title = plain(list.substr(at, end - at)); !title.empty()) titles.push_back(std::move(title));
    at = end + 2;
  }
  return titles;
}

struct RawRow {
  std::vector<std::string> liked, disliked;
  std::string asked;
  bool answer = false;
};

std::vector<RawRow> read_rows(const fs::path& folder, const std::string& part) {
  fs::path path = folder / (part + ".jsonl");
  if (!fs::exists(path)) path += ".gz";
  std::vector<RawRow> rows;
  std::string_view line;
  for (data::Lines lines(path); lines.next(line);) {
    const Json json = Json::parse(line, path.string());
    const std::vector<std::string> said = split_at(json.at("input").as_string(), '\n');
    const std::size_t asked = said.size() == 3 ? said[2].find(" target ") : std::string::npos;
    if (asked == std::string::npos) throw Error(Code::bad_data, path.string() + ":" + std::to_string(lines.number()) + ": expected likes, dislikes and a target");
    const auto after = [](const std::string& text, std::size_t at) { return text.substr(std::min(at, text.size())); };
    std::string target = after(said[2], said[2].find(' ', asked + 8) + 1);
    while (!target.empty() && target.back() == '?') target.pop_back();
    rows.push_back({titles_of(after(said[0], said[0].find(':') + 1)), titles_of(after(said[1], said[1].find(':') + 1)), plain(target),
                    json.at("output").as_string() == "Yes."});
  }
  return rows;
}

double year_of(const std::string& title) {
  for (std::size_t at = title.size(); at-- > 0;)
    if (title[at] == '(' && at + 5 < title.size() && title[at + 5] == ')' && std::all_of(title.begin() + static_cast<std::ptrdiff_t>(at) + 1, title.begin() + static_cast<std::ptrdiff_t>(at) + 5, [](char c) { return c >= '0' && c <= '9'; }))
      return std::stod(title.substr(at + 1, 4));
  return 0;
}

// Lower-case letters and digits alone.
std::string key_of(const std::string& text) {
  std::string key;
  for (const char c : text)
    if (std::isalnum(static_cast<unsigned char>(c))) key += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return key;
}

World read_world(const fs::path& folder) {
  World world;
  const std::vector<RawRow> raw[2] = {read_rows(folder, "valid"), read_rows(folder, "test")};
  std::set<std::string> titles;
  for (const auto& rows : raw)
    for (const RawRow& row : rows) {
      titles.insert(row.liked.begin(), row.liked.end());
      titles.insert(row.disliked.begin(), row.disliked.end());
      titles.insert(row.asked);
    }
  world.titles.assign(titles.begin(), titles.end());
  const auto number = [&](const std::string& title) {
    return static_cast<std::uint32_t>(std::lower_bound(world.titles.begin(), world.titles.end(), title) - world.titles.begin());
  };
  for (int part = 0; part < 2; ++part)
    for (const RawRow& row : raw[part]) {
      Row made{.asked = {number(row.asked), row.answer}};
      for (const std::string& title : row.liked) made.listed.push_back({number(title), true});
      for (const std::string& title : row.disliked) made.listed.push_back({number(title), false});
      (part == 0 ? world.valid : world.test).push_back(std::move(made));
    }
  for (const std::string& title : world.titles) {
    const std::size_t by = title.rfind(" written by ");
    world.authors.push_back(by == std::string::npos ? "" : key_of(title.substr(by + 12)));
    world.years.push_back(year_of(title));
  }
  return world;
}

// Mean stars by the engine's rating bias on another catalogue: movies.dat (id::title::genres) and ratings.tsv.gz (user, movie, stars).
std::vector<double> known_stars(const World& world, const fs::path& ratings, const fs::path& movies) {
  std::map<std::string, std::uint32_t> ids;
  std::vector<std::uint32_t> row_of;
  std::vector<data::CatalogueItem> items;
  std::string_view line;
  for (data::Lines lines(movies / "movies.dat"); lines.next(line);) {
    const std::string text = data::latin1_to_utf8(line);
    const std::size_t first = text.find("::"), last = text.rfind("::");
    const auto id = std::stoul(text.substr(0, first));
    row_of.resize(std::max<std::size_t>(row_of.size(), id + 1));
    row_of[id] = static_cast<std::uint32_t>(items.size());
    ids[key_of(text.substr(first + 2, last - first - 2))] = row_of[id];
    items.push_back({.name = text.substr(0, first)});
  }
  std::vector<std::vector<data::HistoryRow>> rows;
  std::vector<std::string> users;
  std::string last;
  data::Lines lines(ratings / "ratings.tsv.gz");
  lines.next(line);
  while (lines.next(line)) {
    const std::vector<std::string> f = split_at(std::string(line), '\t');
    if (f.at(0) != last) rows.emplace_back(), users.push_back(last = f[0]);
    rows.back().push_back({.touch = {.item = item_at(row_of.at(std::stoul(f.at(1)))), .weight = std::stof(f.at(2))}});
  }
  const data::Dataset data(std::make_shared<const data::Catalogue>(std::move(items), std::move(users)), std::move(rows));
  const model::RatingBias bias(data, 5, 5);
  std::vector<double> stars;
  for (const std::string& title : world.titles) {
    const auto found = ids.find(key_of(title));
    stars.push_back(found == ids.end() ? bias.mean() : bias.item(found->second));
  }
  return stars;
}

// What comes before the first bracket or colon, without an article in front, and the author's last name.
std::string book_key(const std::string& title, const std::string& author) {
  std::string start = title.substr(0, title.find_first_of("(:"));
  for (const char* article : {"The ", "A ", "An "})
    if (start.starts_with(article)) start.erase(0, std::string(article).size());
  std::string whole = author;
  while (!whole.empty() && !std::isalpha(static_cast<unsigned char>(whole.back()))) whole.pop_back();
  return key_of(start) + "/" + key_of(whole.substr(whole.rfind(' ') == std::string::npos ? 0 : whole.rfind(' ') + 1));
}

// Fills stars and fame from lines of title, author, mean stars and log count; of books with one key the most rated counts.
void know_books(World& world, const fs::path& path) {
  std::map<std::string, std::pair<double, double>> known;   // stars, log count
  double stars = 0, fame = 0, n = 0;
  std::string_view line;
  for (data::Lines lines(path); lines.next(line);) {
    const std::vector<std::string> f = split_at(std::string(line), '\t');
    if (f.size() != 4) throw Error(Code::bad_data, path.string() + ":" + std::to_string(lines.number()) + ": expected title, author, mean stars and log count");
    const std::pair<double, double> told(std::stod(f[2]), std::stod(f[3]));
    auto& kept = known[book_key(f[0], f[1])];
    if (told.second > kept.second) kept = told;
    stars += told.first, fame += told.second, n += 1;
  }
  if (n == 0) throw Error(Code::bad_data, path.string() + " holds no books");
  for (const std::string& title : world.titles) {
    const std::size_t by = title.rfind(" written by ");
    const auto found = by == std::string::npos ? known.end() : known.find(book_key(title.substr(0, by), title.substr(by + 12)));
    world.stars.push_back(found == known.end() ? stars / n : found->second.first);
    world.fame.push_back(found == known.end() ? fame / n : found->second.second);
  }
}

// A yes-or-no question: an item, told from other items of one person.
struct Question {
  std::vector<Listed> from;
  Listed asked;
  double share(double prior_likes = 1, double prior_count = 2) const {
    double likes = 0;
    for (const Listed& one : from) likes += one.liked;
    return (likes + prior_likes) / (static_cast<double>(from.size()) + prior_count);
  }
};

std::vector<Question> questions(const std::vector<const Row*>& rows, bool each_listed) {
  std::vector<Question> made;
  for (const Row* row : rows) {
    made.push_back({row->listed, row->asked});
    if (!each_listed) continue;
    for (std::size_t out = 0; out < row->listed.size(); ++out) {
      Question one{.from = row->listed, .asked = row->listed[out]};
      one.from[out] = row->asked;
      made.push_back(std::move(one));
    }
  }
  return made;
}

// How much more than its readers' share an item or author is liked, in the shots: (sum, count).
using Liking = std::map<std::string, std::pair<double, double>>;

struct Features {
  std::vector<std::string> names;
  bool each_listed = false;
  double reg = 30, text_reg = 10;
};

std::string key_for(const World& world, const std::string& feature, std::uint32_t item) {
  return feature == "author" ? world.authors[item] : std::to_string(item);
}

double near_likes(const World& world, const Question& q, double temperature) {
  double sum = 0, weights = std::exp(-0.7 / temperature);
  for (const Listed& one : q.from) {
    const double weight = std::exp((static_cast<double>(dot(world.points.row(one.item), world.points.row(q.asked.item))) - 1) / temperature);
    sum += weight * (static_cast<double>(one.liked) - q.share());
    weights += weight;
  }
  return sum / weights;
}

// `own`: the question is one of those that made the likings, whose answer is not to be read back.
std::vector<double> plain_row(const World& world, const Features& features, const std::map<std::string, Liking>& likings, const Question& q, bool own) {
  constexpr double kNow = 2000, kPull = 4;
  std::vector<double> row;
  for (const std::string& name : features.names) {
    const double share = q.share(world.prior_likes, world.prior_count);
    if (name == "share") row.push_back(std::log(share / (1 - share)));
    else if (name == "age") row.push_back(std::log(std::max(1.0, kNow - (world.years[q.asked.item] > 0 ? world.years[q.asked.item] : 1995))));
    else if (name == "near") row.push_back(near_likes(world, q, 0.05));
    else if (name == "known") row.push_back(world.stars.at(q.asked.item));
    else if (name == "fame") row.push_back(world.fame.at(q.asked.item));
    else if (name == "item" || name == "author") {
      const Liking& liking = likings.at(name);
      const auto found = liking.find(key_for(world, name, q.asked.item));
      auto [sum, count] = found == liking.end() ? std::pair(0.0, 0.0) : found->second;
      if (own) sum -= static_cast<double>(q.asked.liked) - q.share(), count -= 1;
      row.push_back(sum / (count + kPull));
    } else if (name != "text") {
      throw Error(Code::bad_request, "no feature '" + name + "'; there are share, age, near, item, author, known, fame, text");
    }
  }
  return row;
}

// Chances of a yes for `asked`, learned from `shots`.
std::vector<double> answers(const World& world, const Features& features, const std::vector<const Row*>& shots, const std::vector<const Row*>& asked, const Run& run) {
  const std::vector<Question> known = questions(shots, features.each_listed), open = questions(asked, false);
  std::map<std::string, Liking> likings;
  for (const std::string& name : features.names)
    for (const Question& q : known) {
      auto& [sum, count] = likings[name][key_for(world, name, q.asked.item)];
      sum += static_cast<double>(q.asked.liked) - q.share();
      count += 1;
    }
  std::vector<std::vector<double>> rows;
  std::vector<float> labels;
  for (const Question& q : known) {
    rows.push_back(plain_row(world, features, likings, q, true));
    labels.push_back(q.asked.liked ? 1.0f : 0.0f);
  }
  const std::size_t width = rows.at(0).size();
  std::vector<double> mean(width), sd(width);
  for (std::size_t c = 0; c < width; ++c) {
    for (const auto& row : rows) mean[c] += row[c] / static_cast<double>(rows.size());
    for (const auto& row : rows) sd[c] += (row[c] - mean[c]) * (row[c] - mean[c]) / static_cast<double>(rows.size());
    sd[c] = std::sqrt(sd[c]) + 1e-9;
  }
  const bool reads = std::ranges::find(features.names, "text") != features.names.end();
  const float loudness = static_cast<float>(std::sqrt(features.reg / features.text_reg));   // one reg for all columns
  Sparse matrix{.cols = width + (reads ? world.points.cols() : 0)};
  const auto add = [&](Sparse& to, const std::vector<double>& row, std::uint32_t item) {
    for (std::size_t c = 0; c < width; ++c) to.indices.push_back(static_cast<std::uint32_t>(c)), to.values.push_back(static_cast<float>((row[c] - mean[c]) / sd[c]));
    for (std::size_t c = width; c < to.cols; ++c) to.indices.push_back(static_cast<std::uint32_t>(c)), to.values.push_back(loudness * world.points(item, c - width));
    to.offsets.push_back(to.indices.size());
    ++to.rows;
  };
  for (std::size_t n = 0; n < known.size(); ++n) add(matrix, rows[n], known[n].asked.item);
  const train::Logistic learned = train::Logistic::fit(matrix, labels, static_cast<float>(features.reg), run);
  std::vector<double> chances;
  for (const Question& q : open) {
    Sparse one{.cols = matrix.cols};
    add(one, plain_row(world, features, likings, q, false), q.asked.item);
    chances.push_back(learned.chance(one.row_indices(0), one.row_values(0)));
  }
  return chances;
}

// The chance that a liked row stands above a disliked one, ties half; rows may repeat.
double auc(const std::vector<double>& chances, const std::vector<const Row*>& rows, const std::vector<std::uint32_t>& which) {
  std::vector<std::pair<double, bool>> order;
  for (const std::uint32_t n : which) order.emplace_back(chances[n], rows[n]->asked.liked);
  std::sort(order.begin(), order.end());
  double below = 0, liked = 0, disliked = 0, pairs = 0;
  for (std::size_t at = 0; at < order.size();) {
    double yes = 0, no = 0;
    std::size_t end = at;
    for (; end < order.size() && order[end].first == order[at].first; ++end) (order[end].second ? yes : no) += 1;
    pairs += yes * (below + no / 2);
    below += no;
    liked += yes;
    disliked += no;
    at = end;
  }
  return liked * disliked > 0 ? pairs / (liked * disliked) : 0.5;
}

std::vector<const Row*> drawn(std::vector<const Row*> pool, std::size_t shots, std::uint64_t seed) {
  if (shots == 0 || shots >= pool.size()) return pool;
  Random random(seed);
  random.shuffle(std::span(pool));
  pool.resize(shots);
  return pool;
}

struct Judged {
  double mean = 0, low = 0, high = 0, gain_low = 0, gain_high = 0;   // gain over the share of likes
};

Judged judge_test(const World& world, const Features& features, std::size_t shots, std::size_t draws, std::size_t block, const Run& run) {
  std::vector<const Row*> pool, asked;
  for (const Row& row : world.valid) pool.push_back(&row);
  for (const Row& row : world.test) asked.push_back(&row);
  std::vector<double> share;
  for (const Row* row : asked) share.push_back(Question{row->listed, row->asked}.share());
  std::vector<std::vector<double>> chances;
  for (std::size_t d = 0; d < draws; ++d) chances.push_back(answers(world, features, drawn(pool, shots, d), asked, run));
  std::vector<std::uint32_t> all(asked.size());
  for (std::uint32_t n = 0; n < all.size(); ++n) all[n] = n;
  const auto mean_auc = [&](const std::vector<std::uint32_t>& which) {
    double sum = 0;
    for (const auto& one : chances) sum += auc(one, asked, which);
    return sum / static_cast<double>(chances.size());
  };
  Judged judged{.mean = mean_auc(all)};
  std::vector<double> means, gains;
  Random random(run.seed);
  const std::size_t blocks = (asked.size() + block - 1) / block;
  for (int n = 0; n < 500; ++n) {
    std::vector<std::uint32_t> which;
    for (std::size_t b = 0; b < blocks; ++b)
      for (std::size_t first = random.below(blocks) * block, i = first; i < std::min(first + block, asked.size()); ++i) which.push_back(static_cast<std::uint32_t>(i));
    means.push_back(mean_auc(which));
    gains.push_back(means.back() - auc(share, asked, which));
  }
  std::sort(means.begin(), means.end());
  std::sort(gains.begin(), gains.end());
  judged.low = eval::quantile(means, 0.025), judged.high = eval::quantile(means, 0.975);
  judged.gain_low = eval::quantile(gains, 0.025), judged.gain_high = eval::quantile(gains, 0.975);
  return judged;
}

double judge_validation(const World& world, const Features& features, std::size_t shots, std::size_t draws, const Run& run) {
  constexpr std::size_t kParts = 5, kApart = 20;
  double sum = 0;
  for (std::size_t part = 0; part < kParts; ++part) {
    const std::size_t first = world.valid.size() * part / kParts, last = world.valid.size() * (part + 1) / kParts;
    std::vector<const Row*> pool, asked;
    for (std::size_t n = 0; n < world.valid.size(); ++n) {
      if (n >= first && n < last) asked.push_back(&world.valid[n]);
      else if (n + kApart < first || n >= last + kApart) pool.push_back(&world.valid[n]);
    }
    std::vector<std::uint32_t> all(asked.size());
    for (std::uint32_t n = 0; n < all.size(); ++n) all[n] = n;
    for (std::size_t d = 0; d < draws; ++d) sum += auc(answers(world, features, drawn(pool, shots, d), asked, run), asked, all);
  }
  return sum / static_cast<double>(kParts * draws);
}

void write_texts(const World& world, const std::string& path) {
  std::ofstream out(path);
  for (const std::string& title : world.titles) out << title << '\n';
  if (!out) throw Error(Code::io, "cannot write " + path);
}

void go(const Arguments& arguments) {
  const Run run;
  const fs::path folder = arguments.words.at(0);
  World world = read_world(folder);
  if (const std::string path = arguments.get("texts"); !path.empty()) return write_texts(world, path);
  if (const std::string path = arguments.get("vectors"); !path.empty()) {
    const Matrix vectors = read_npy(path);
    if (vectors.rows() != world.titles.size()) throw Error(Code::bad_data, path + " has " + std::to_string(vectors.rows()) + " rows for " + std::to_string(world.titles.size()) + " titles");
    world.points = Whitening::fit(vectors).apply(vectors);
    for (std::size_t r = 0; r < world.points.rows(); ++r) normalise(world.points.row(r));
  }
  if (const std::string known = arguments.get("known"); !known.empty()) world.stars = known_stars(world, known, arguments.get("movies", known));
  if (const std::string books = arguments.get("books"); !books.empty()) know_books(world, books);
  if (const std::vector<std::string> prior = split_at(arguments.get("share-prior", "1,2"), ','); prior.size() == 2)
    world.prior_likes = std::stod(prior[0]), world.prior_count = std::stod(prior[1]);
  Features features{.each_listed = !arguments.all("each-listed").empty(), .reg = std::stod(arguments.get("reg", "30")), .text_reg = std::stod(arguments.get("text-reg", "10"))};
  const bool is_test = arguments.get("part", "test") == "test";
  for (const std::string& list : arguments.all("features"))
    for (const std::string& shots : split_at(arguments.get("shots", "16,64,256,0"), ',')) {
      features.names = split_at(list, ',');
      const std::size_t count = std::stoul(shots), draws = count == 0 ? 1 : std::stoul(arguments.get("draws", "10"));
      Json line = Json::object();
      line["set"] = fs::path(folder).filename().string();
      line["part"] = is_test ? "test" : "validation";
      line["features"] = list;
      line["each_listed"] = features.each_listed;
      line["reg"] = features.reg;
      if (world.prior_count != 2) line["share_prior"] = arguments.get("share-prior");
      if (list.find("text") != std::string::npos) line["text_reg"] = features.text_reg;
      line["shots"] = count == 0 ? world.valid.size() : count;
      line["draws"] = draws;
      if (is_test) {
        const Judged judged = judge_test(world, features, count, draws, std::stoul(arguments.get("block", "1")), run);
        line["auc"] = rounded(100 * judged.mean, 2);
        line["low"] = rounded(100 * judged.low, 2), line["high"] = rounded(100 * judged.high, 2);
        line["above_share_low"] = rounded(100 * judged.gain_low, 2), line["above_share_high"] = rounded(100 * judged.gain_high, 2);
      } else {
        line["auc"] = rounded(100 * judge_validation(world, features, count, draws, run), 2);
      }
      emit("tallrec", line);
    }
}

}  // namespace
}  // namespace attune::bench

int main(int argc, char** argv) { return attune::bench::run_bench(argc, argv, attune::bench::go); }
