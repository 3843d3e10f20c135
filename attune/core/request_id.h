// Request id: names one list that was answered, so that what people do with it later can be told to belong to it.
#pragma once
#include <string>

namespace attune {

// `first` (whose list it is: 'r' a request's, 'c' a conversation's) and 20 hexadecimal digits, other ones at every call. No secret: who sees
// many can guess the next. Safe from any thread.
std::string new_request_id(char first = 'r');

}  // namespace attune
