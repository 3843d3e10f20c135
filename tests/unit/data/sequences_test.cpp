// Sequences: the papers' files come out as they lie, and errors name file and line.
#include "attune/data/sequences.h"

#include "attune/core/error.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"

namespace attune::data {
namespace {

using attune::testing::Folder;
std::vector<std::string> names_of(const Dataset& data, UserId user) {
  std::vector<std::string> names;
  for (const Touch& touch : data.history(user)) names.push_back(data.catalogue().item(touch.item).name);
  return names;
}

}  // namespace

TEST("items are numbered as in the item file, histories keep their order and repeats") {
  const Folder folder;
  folder.write("items.tsv", "item_id\tname\tcategories\n1\tGreek\tdiner\n2\tPizza\tfood\n3\tBar\tdrinks\n");
  folder.write("sequential_data.txt", "7 2 1 2\n8 1\n");
  const Dataset data = read_sequences(folder.path);
  EXPECT_EQ(data.item_count(), 3u);
  EXPECT_EQ(data.catalogue().item(ItemId{1}).text, "Pizza, food");
  EXPECT_EQ(names_of(data, UserId{0}), (std::vector<std::string>{"2", "1", "2"}));
  EXPECT_EQ(data.history(UserId{0})[2].time_ms, 3);
  EXPECT_EQ(data.catalogue().user(UserId{1}), "8");
  EXPECT_EQ(data.interactions().row_values(0)[1], 2.0f);
  EXPECT_EQ(read_sequences(folder.path, {.keep_unseen_items = false}).item_count(), 2u);
  EXPECT_EQ(read_sequences(folder.path / "sequential_data.txt").catalogue().item(ItemId{0}).name, "2");
}

TEST("movie titles in Latin-1 and tables of sequences are read") {
  const Folder folder;
  folder.write("movies.dat", "5::Caf\xe9 (1990)::Comedy|Drama\n9::Dune::Sci-Fi\n");
  folder.write("sequences.tsv", "user_id\tn_train\titem_ids\nu1\t1\t9 5\n");
  const Dataset data = read_sequences(folder.path);
  EXPECT_EQ(data.catalogue().item(ItemId{0}).text, "Caf\xc3\xa9 (1990), Comedy, Drama");
  EXPECT_EQ(names_of(data, UserId{0}), (std::vector<std::string>{"9", "5"}));
}

TEST("a user that comes twice and a row of the wrong width are bad data with their line") {
  const Folder folder;
  folder.write("sequences.txt", "1 2 3\n2 3\n1 4\n");
  try {
    read_sequences(folder.path);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Code::bad_data);
    EXPECT_NE(std::string(e.what()).find("line 3"), std::string::npos);
  }
  folder.write("items.tsv", "item_id\ttext\n1\tone\n2\n");
  EXPECT_THROW(read_sequences(folder.path), Error);
}

}  // namespace attune::data
