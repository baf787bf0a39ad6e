/*
 * InnoDB's numbers that are made of several values: shares, sums, and what one flavor says outright and
 * another does not. Each is the `read` of one row in innodbnumbers.c. Pure, any thread.
 */
#ifndef PANELS_INNODBDERIVED_H
#define PANELS_INNODBDERIVED_H

#include "model/timeline.h"

struct value inno_read_pool_size(const struct frame *f);
struct value inno_read_pool_free(const struct frame *f);
struct value inno_read_pool_used(const struct frame *f);
struct value inno_read_pool_clean(const struct frame *f);
struct value inno_read_pool_old(const struct frame *f);
struct value inno_read_made_young(const struct frame *f);
struct value inno_read_not_young(const struct frame *f);
struct value inno_read_resize(const struct frame *f);
struct value inno_read_flush_share(const struct frame *f);
struct value inno_read_change_size(const struct frame *f);
struct value inno_read_log_buffer(const struct frame *f);
struct value inno_read_redo_capacity(const struct frame *f);
struct value inno_read_redo_hourly(const struct frame *f);
struct value inno_read_redo_fits(const struct frame *f);
struct value inno_read_oldest_view(const struct frame *f);
struct value inno_read_undo_spaces(const struct frame *f);
struct value inno_read_doublewrite_batch(const struct frame *f);
struct value inno_read_latch_waits(const struct frame *f);
struct value inno_read_latch_spins(const struct frame *f);
struct value inno_read_latch_rounds(const struct frame *f);
struct value inno_read_latch_waiting(const struct frame *f);
struct value inno_read_latch_longest(const struct frame *f);
struct value inno_read_data_size(const struct frame *f);
struct value inno_read_data_spaces(const struct frame *f);
struct value inno_read_undo_size(const struct frame *f);
struct value inno_read_data_read_time(const struct frame *f);
struct value inno_read_data_write_time(const struct frame *f);
struct value inno_read_data_sync_time(const struct frame *f);
struct value inno_read_log_sync_time(const struct frame *f);

#endif
