// Made by tests/tools/encoder_golden.py. The reference's tokens and the first eight of its 384 numbers, rows of length 1.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace attune::lm {

struct Golden {
  std::string text;
  std::vector<std::int32_t> tokens;
  std::vector<float> first;
};

inline const std::vector<Golden> kMinilmGolden = {
    {"WHITE HANGING HEART T-LIGHT HOLDER",
     {101, 2317, 5689, 2540, 1056, 1011, 2422, 9111, 102},
     {0.0166445f, 0.1267160f, 0.0207919f, 0.0503402f, -0.0635665f, -0.0213536f, 0.0495964f, 0.0349416f}},
    {"Fire Emblem: The Sacred Stones",
     {101, 2543, 16199, 1024, 1996, 6730, 6386, 102},
     {0.0026168f, 0.0937942f, -0.0032917f, 0.0140913f, -0.0007231f, 0.0551614f, 0.0292995f, -0.1165968f}},
    {"a mug for tea, 250 ml (set of 6)",
     {101, 1037, 14757, 2005, 5572, 1010, 5539, 19875, 1006, 2275, 1997, 1020, 1007, 102},
     {-0.0266248f, -0.0138900f, 0.0015908f, 0.0423343f, -0.0340628f, 0.0157000f, 0.0810969f, -0.0151760f}},
    {"Caf\xc3""\xa9"" cr\xc3""\xa8""me br\xc3""\xbb""l\xc3""\xa9""e \xc3""\xa0"" l'ancienne",
     {101, 7668, 13675, 21382, 7987, 9307, 2063, 1037, 1048, 1005, 2019, 23402, 10087, 102},
     {0.0284048f, -0.0632574f, 0.0095826f, 0.0016313f, -0.0675306f, 0.0607904f, 0.0646609f, 0.0254228f}},
    {"\xe7""\xba""\xa2""\xe8""\x89""\xb2""\xe7""\x9a""\x84""\xe5""\x84""\xbf""\xe7""\xab""\xa5""\xe7""\x8e""\xa9""\xe5""\x85""\xb7""\xe8""\xbd""\xa6""",
     {101, 100, 100, 1916, 100, 100, 100, 100, 100, 102},
     {0.0083085f, 0.0855951f, 0.0838189f, 0.0247203f, 0.0292278f, 0.0709640f, 0.1513457f, 0.0106212f}},
    {"\xec""\x9e""\xa5""\xeb""\x82""\x9c""\xea""\xb0""\x90"" \xec""\x9e""\x90""\xeb""\x8f""\x99""\xec""\xb0""\xa8"", \xeb""\xb9""\xa8""\xea""\xb0""\x84""\xec""\x83""\x89""",
     {101, 1464, 30006, 30025, 29992, 30006, 30021, 29991, 30006, 30023, 1464, 30006, 29993, 30011, 30025, 30001, 30006, 1010, 100, 102},
     {-0.0444598f, 0.0922968f, 0.0519264f, -0.0269170f, 0.0161671f, -0.0025728f, 0.1117002f, -0.0010136f}},
    {"\xe8""\xb5""\xa4""\xe3""\x81""\x84""\xe3""\x81""\x8a""\xe3""\x82""\x82""\xe3""\x81""\xa1""\xe3""\x82""\x83""\xe3""\x81""\xae""\xe8""\xbb""\x8a""\xe3""\x81""\xa8""\xe3""\x83""\x99""\xe3""\x83""\x83""\xe3""\x83""\x89""",
     {101, 100, 100, 1954, 1666, 30247, 30237, 30240, 102},
     {0.0068414f, 0.1181050f, 0.0556328f, 0.0120746f, -0.0442783f, 0.0379186f, 0.0786435f, 0.0682370f}},
    {"\xd0""\xba""\xd1""\x80""\xd0""\xb0""\xd1""\x81""\xd0""\xbd""\xd0""\xb0""\xd1""\x8f"" \xd0""\xb8""\xd0""\xb3""\xd1""\x80""\xd1""\x83""\xd1""\x88""\xd0""\xb5""\xd1""\x87""\xd0""\xbd""\xd0""\xb0""\xd1""\x8f"" \xd0""\xbc""\xd0""\xb0""\xd1""\x88""\xd0""\xb8""\xd0""\xbd""\xd0""\xb0""",
     {101, 1189, 16856, 10260, 29747, 19865, 17432, 1188, 29741, 16856, 29748, 29753, 15290, 29752, 19865, 17432, 1191, 10260, 29753, 10325, 19865, 102},
     {0.0356588f, 0.0422475f, 0.0271461f, 0.0102313f, -0.0606911f, 0.0187883f, 0.1767948f, -0.0332561f}},
    {"emoji \xf0""\x9f""\x8e""\x81""\xf0""\x9f""\x8e""\x84"" and signs \xe2""\x84""\xa2"" \xc2""\xa9"" \xc2""\xbd""",
     {101, 7861, 29147, 2072, 100, 1998, 5751, 1580, 1075, 1092, 102},
     {-0.0544025f, -0.0062238f, 0.0828467f, 0.0157137f, 0.0364634f, -0.1026012f, 0.0824229f, -0.0079719f}},
    {"tab\x09""new\x0a""line zero\xe2""\x80""\x8b""width soft\xc2""\xad""hyphen",
     {101, 21628, 2047, 2240, 5717, 9148, 11927, 2232, 3730, 10536, 8458, 2368, 102},
     {0.0328362f, -0.0464426f, -0.0080786f, 0.0243194f, -0.0361108f, -0.0081804f, 0.0664688f, 0.0325421f}},
    {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx after a giant word",
     {101, 100, 2044, 1037, 5016, 2773, 102},
     {0.0032613f, 0.0154895f, 0.0452662f, 0.0456846f, -0.0505444f, -0.0269163f, 0.1022544f, 0.0254825f}},
    {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
     {101, 22038, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 20348, 102},
     {-0.0798974f, -0.0134703f, -0.0474734f, -0.0973336f, -0.0244871f, -0.0264435f, 0.0387567f, 0.0403805f}},
    {"don't stop!!! 3.14-inch #tag @home a_b",
     {101, 2123, 1005, 1056, 2644, 999, 999, 999, 1017, 1012, 2403, 1011, 4960, 1001, 6415, 1030, 2188, 1037, 1035, 1038, 102},
     {0.0007010f, 0.0435459f, -0.0078502f, -0.0981922f, 0.0548117f, -0.0872242f, 0.0591926f, 0.0599080f}},
    {"\xef""\xbc""\xa6""\xef""\xbc""\xb5""\xef""\xbc""\xac""\xef""\xbc""\xac"" \xef""\xbd""\x97""\xef""\xbd""\x89""\xef""\xbd""\x84""\xef""\xbd""\x94""\xef""\xbd""\x88"" \xef""\xac""\x81""ne ligature \xc7""\x85"" \xc4""\xb0""stanbul STRASSE stra\xc3""\x9f""e",
     {101, 100, 100, 1984, 2638, 8018, 11244, 100, 9960, 2358, 8180, 3366, 2358, 27807, 102},
     {0.0527761f, 0.0526520f, -0.0303506f, -0.0082088f, -0.1275921f, 0.0456647f, 0.0244180f, 0.0444876f}},
    {"gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap gift wrap ",
     {101, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 5592, 10236, 102},
     {-0.0414182f, 0.0080451f, 0.0506001f, -0.0523800f, -0.0470167f, 0.0451276f, 0.0222693f, -0.0345559f}},
};

}  // namespace attune::lm
