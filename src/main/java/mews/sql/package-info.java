/// The database: embedded or external PostgreSQL, transactions, migrations. Nothing else knows how
/// rows are reached.
@NullMarked
package mews.sql;

import org.jspecify.annotations.NullMarked;
