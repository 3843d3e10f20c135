// Mask: personal data in a message taken out before it is written to a log.
#pragma once
#include <string>
#include <string_view>

namespace attune::talk::safety {

// `text` with e-mail addresses, telephone numbers, payment cards (checked by Luhn), Chinese identity numbers (checked), US social security
// numbers, IBANs (checked), IPv4 addresses and street addresses replaced by [email], [phone], [card], [id], [iban], [ip], [address].
// Order numbers, prices, sizes and dates stay. Any bytes; linear time. What is masked cannot be brought back.
std::string mask_personal(std::string_view text);

}  // namespace attune::talk::safety
