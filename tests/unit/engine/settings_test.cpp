// Settings: files and assignments over defaults, and what is said when they make no sense.
#include "attune/engine/settings.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "attune/core/bytes.h"
#include "attune/core/error.h"

namespace attune::engine {
namespace {

std::string written(const std::string& text) {
  const std::string path = ::testing::TempDir() + "attune_settings_test.toml";
  write_file(path, text);
  return path;
}

std::string message_of(const std::string& toml) {
  try {
    read_settings(written(toml));
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

TEST(SettingsFile, puts_what_it_names_over_the_defaults) {
  const Settings settings = read_settings(written("[lists]\nk = 7\n[events.view]\nweight = 0.5\n[models]\nuse = [\"ease\"]\n[slist]\nlambda = 50\n"));
  EXPECT_EQ(settings.lists.k, 7);
  EXPECT_FLOAT_EQ(settings.events.at("view").weight, 0.5f);
  EXPECT_EQ(settings.events.at("view").half_life_days, 30);  // not named, so it stays
  EXPECT_EQ(settings.models, std::vector<std::string>{"ease"});
  EXPECT_EQ(settings.of_plugin("slist").at("lambda").as_integer(), 50);
  EXPECT_TRUE(settings.of_plugin("ease").is_null());
}

TEST(SettingsFile, names_line_section_and_the_nearest_key) {
  const std::string message = message_of("\n\n[lists]\nkk = 3\n");
  EXPECT_NE(message.find(":4: in [lists]"), std::string::npos) << message;
  EXPECT_NE(message.find("'k'"), std::string::npos) << message;
}

TEST(SettingsFile, names_the_line_of_the_key_that_is_wrong) {
  EXPECT_NE(message_of("[lists]\nk = 5\ndiversity = 7\n").find(":3: in [lists]: lists.diversity must be 0..1"), std::string::npos);
  EXPECT_NE(message_of("[events.view]\nweight = 1\nhides = 3\n").find(":3: in [events]"), std::string::npos);
  EXPECT_NE(message_of("lists = 3\n").find(":1: 'lists' stands outside a [section]"), std::string::npos);
}

TEST(SettingsFile, refuses_values_that_no_list_or_fit_could_use) {
  for (const char* toml : {"[lists]\nk = 0", "[lists]\nk = 1001", "[lists]\ndiversity = nan", "[lists]\nlanguage = \"fr\"", "[lists]\ncaps = \"x\"",
                           "[lists]\nabout_temperature = 0", "[fit]\nkeep_snapshots = 0", "[import]\ntime_zone = \"moon\"", "[models]\nuse = []",
                           "[slist]\nlambda = \"much\"", "[slist]\nlambda = nan"})
    EXPECT_FALSE(message_of(toml).empty()) << toml;
}

TEST(SettingsFile, refuses_what_is_no_toml_with_its_line) {
  EXPECT_NE(message_of("[lists]\nk = = 3\n").find(":2:"), std::string::npos);
}

TEST(SettingsFile, refuses_an_unknown_section_model_and_type) {
  EXPECT_NE(message_of("[list]\nk = 3\n").find("lists"), std::string::npos);
  EXPECT_NE(message_of("[models]\nuse = [\"slits\"]\n").find("slist"), std::string::npos);
  EXPECT_NE(message_of("[lists]\nk = \"many\"\n").find("k"), std::string::npos);
  EXPECT_NE(message_of("[memory]\nbudget = \"lots\"\n").find("4GB"), std::string::npos);
}

TEST(SettingsFile, the_starter_file_reads_back_as_the_defaults) {
  EXPECT_EQ(to_json(read_settings(written(starter_toml()))).dump().size() > 0, true);
  const Settings read = read_settings(written(starter_toml())), standard = standard_settings();
  EXPECT_EQ(read.models, standard.models);
  EXPECT_EQ(read.encoders, standard.encoders);
  EXPECT_EQ(read.lists.k, standard.lists.k);
}

TEST(Settings, one_assignment_changes_one_key) {
  Settings settings = standard_settings();
  set(settings, "slist.lambda=200");
  set(settings, "lists.diversity=0.3");
  set(settings, "events.view.weight=0.1");
  set(settings, "models.use=ease,popularity");
  EXPECT_EQ(settings.of_plugin("slist").at("lambda").as_string(), "200");
  EXPECT_DOUBLE_EQ(settings.lists.diversity, 0.3);
  EXPECT_FLOAT_EQ(settings.events.at("view").weight, 0.1f);
  EXPECT_EQ(settings.models, (std::vector<std::string>{"ease", "popularity"}));
  EXPECT_THROW(set(settings, "lambda=200"), Error);
  EXPECT_THROW(set(settings, "slist.lamda=200"), Error);
  EXPECT_THROW(set(settings, "nonsense"), Error);
}

TEST(Settings, memory_is_read_with_its_unit) {
  Settings settings = standard_settings();
  settings.memory.budget = "500MB";
  EXPECT_EQ(settings.memory_bytes(), std::size_t{500} << 20);
  settings.memory.budget = "1.5GB";
  EXPECT_EQ(settings.memory_bytes(), std::size_t{1536} << 20);
  settings.memory.budget = "-1GB";
  EXPECT_THROW(settings.memory_bytes(), Error);
}

TEST(Settings, every_key_is_documented) {
  for (const Setting& setting : documented_settings()) {
    EXPECT_FALSE(setting.help.empty()) << setting.name;
    EXPECT_NE(setting.name.find('.'), std::string::npos) << setting.name;
  }
}

}  // namespace
}  // namespace attune::engine
