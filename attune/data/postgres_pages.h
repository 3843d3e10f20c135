// PostgreSQL pages: tables read whole, a page at a time, so that no session is held while the sink works. For the PostgreSQL store only.
#pragma once
#include <cstddef>
#include <functional>

#include "attune/data/postgres_transactions.h"
#include "attune/data/store.h"

namespace attune::data {

// As the methods of Store by these names say.
void read_events(const PgTransactions& at, Sequence from, const std::function<void(const StoredEvent&)>& sink);
void read_records(const PgTransactions& at, Kind kind, const std::function<void(const Record&)>& sink);
void read_rejections(const PgTransactions& at, std::size_t limit, const std::function<void(const Rejection&)>& sink);
void read_exposures(const PgTransactions& at, const std::function<void(const Exposure&)>& sink);

}  // namespace attune::data
