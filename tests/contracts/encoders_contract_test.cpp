// What every encoder promises: run over each ENCODER line of plugins.def. The real model files must be there (scripts/setup).
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "attune/core/bytes.h"
#include "attune/engine/registry.h"

namespace attune {
namespace {

const std::vector<std::string> kTexts = {"red ceramic mug with hearts", "blue ceramic mug", "garden lantern for candles", "", "陶瓷 茶杯"};

double length(const data::ItemFeatures& features, std::size_t row) {
  double sum = 0;
  if (features.is_sparse())
    for (const float v : features.sparse.row_values(row)) sum += static_cast<double>(v) * v;
  else
    for (const float v : features.dense.row(row)) sum += static_cast<double>(v) * v;
  return std::sqrt(sum);
}

class Encoders : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<const encode::Encoder> made() const { return engine::encoder_named(GetParam()).make(kTexts, Json(), attune::Run{}); }
};

TEST_P(Encoders, gives_rows_of_length_one_and_zeros_for_a_text_of_nothing) {
  const auto encoder = made();
  const data::ItemFeatures features = encoder->encode(kTexts, attune::Run{});
  ASSERT_EQ(features.is_sparse(), encoder->is_sparse());
  ASSERT_EQ(features.is_sparse() ? features.sparse.rows : features.dense.rows(), kTexts.size());
  for (std::size_t i = 0; i < kTexts.size(); ++i) EXPECT_NEAR(length(features, i), kTexts[i].empty() ? 0 : 1, 1e-3) << kTexts[i];
}

TEST_P(Encoders, reads_a_text_the_same_alone_and_in_company) {
  const auto encoder = made();
  const data::ItemFeatures all = encoder->encode(kTexts, attune::Run{});
  const data::ItemFeatures one = encoder->encode(std::span(kTexts).subspan(2, 1), attune::Run{});
  if (encoder->is_sparse()) {
    const auto a = all.sparse.row_values(2), b = one.sparse.row_values(0);
    EXPECT_EQ(std::vector<float>(a.begin(), a.end()), std::vector<float>(b.begin(), b.end()));
    return;
  }
  for (std::size_t c = 0; c < encoder->dim(); ++c) EXPECT_NEAR(all.dense(2, c), one.dense(0, c), 1e-4);
}

TEST_P(Encoders, encodes_the_same_after_saving_and_loading) {
  const auto encoder = made();
  const auto file = std::filesystem::path(::testing::TempDir()) / ("encoder_" + GetParam() + ".bin");
  {
    ByteWriter out(file);
    encoder->save(out);
    out.close();
  }
  ByteReader in(file);
  const auto again = engine::encoder_named(GetParam()).load(in);
  EXPECT_EQ(again->fingerprint(), encoder->fingerprint());
  EXPECT_EQ(again->dim(), encoder->dim());
  const data::ItemFeatures a = encoder->encode(kTexts, attune::Run{}), b = again->encode(kTexts, attune::Run{});
  EXPECT_EQ(a.sparse.values, b.sparse.values);
  EXPECT_TRUE(std::equal(a.dense.all().begin(), a.dense.all().end(), b.dense.all().begin(), b.dense.all().end()));
  std::filesystem::remove(file);
}

TEST_P(Encoders, names_an_unknown_setting) {
  Json params = Json::object();
  params["no_such_thing"] = 1;
  EXPECT_THROW(engine::encoder_named(GetParam()).make(kTexts, params, attune::Run{}), Error);
}

std::vector<std::string> encoder_names() {
  std::vector<std::string> names;
  for (const auto& plugin : engine::encoders()) names.push_back(plugin.name);
  return names;
}
INSTANTIATE_TEST_SUITE_P(EveryEncoder, Encoders, ::testing::ValuesIn(encoder_names()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace attune
