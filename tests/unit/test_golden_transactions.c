/*
 * The panels of transactions and deadlocks as a person sees them, compared with the texts in tests/golden: open
 * transactions with a prepared one and the one that purge waits for; deadlocks, lost ones among them; one laid out
 * beside and below each other.
 */
#include <stdlib.h>
#include <string.h>

#include "collect/deadlocks.h"
#include "tests/unit/panelrig.h"

static const char transactions[] =
	"name=812 session=812 id=9120 state=RUNNING age=372.6 isolation='REPEATABLE READ' rows_locked=1830 "
	"rows_modified=1830 user=app_rw host=web-3.prod db=shop does='idle in transaction' statements=4 "
	"last_statement='UPDATE stock SET reserved = reserved + 1 WHERE item_id = 4711' prepared=0 read_view=9001 "
	"view_age=372.6 holds_purge=yes\n"
	"name=825 session=825 id=9121 state='LOCK WAIT' age=31.2 isolation='READ COMMITTED' rows_locked=2 "
	"rows_modified=1 user=app_rw host=web-1.prod db=shop does='row lock ← 812' statements=2 "
	"last_statement='UPDATE stock SET reserved = 0 WHERE item_id = 4711' prepared=0 holds_purge=no\n"
	"name=order-4711 session=0 id=8800 state=RUNNING age=86100 isolation='REPEATABLE READ' rows_locked=3 "
	"rows_modified=2 xid=order-4711 prepared=1 does='prepared, no session' holds_purge=no\n"
	"name='trx 8801' session=0 id=8801 state=RUNNING age=12 isolation='REPEATABLE READ' rows_locked=3 "
	"rows_modified=2 prepared=0 does='the server\342\200\231s own' holds_purge=no\n"
	"name=841 session=841 id=0 state=RUNNING age=0.4 isolation='REPEATABLE READ' rows_locked=0 rows_modified=0 "
	"user=보고서 host=web-1.prod does='Sending data' last_statement='SELECT \"\033[2J\" FROM notes' prepared=0 "
	"autocommit_read=1 read_view=9122 view_age=0.4 holds_purge=no\n";

static char *slurp(const char *name)
{
	const char *top = getenv("srcdir");
	char *path = xasprintf("%s/tests/fixtures/innodb/%s.txt", top ? top : ".", name);
	char *text = xcalloc(1, 1 << 20);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	free(path);
	return text;
}

/* As the sampler makes it of what the server answers: one before, one lost, and three as they happened. */
static struct part *history(void)
{
	static const struct {
		const char *fixture;
		int counter;
	} rounds[] = {{"mysql-9.7-deadlock", 7}, {"mysql-9.7-deadlock-gap", 9}, {"mysql-9.7-deadlock3", 10},
		      {"mariadb-10.11-deadlock-gap", 11}};
	static const char *const columns[] = {"Type", "Name", "Status"};
	const struct part *parts[N_PARTS] = {NULL};
	struct server_info server = {.flavor = FLAVOR_MYSQL};
	struct collect_ctx ctx = {.server = &server, .parts = parts};
	struct part *all = NULL;
	for (size_t i = 0; i < COUNT_OF(rounds); i++) {
		char row[64], *text = slurp(rounds[i].fixture);
		const char *cells[] = {"InnoDB", "", text};
		unsigned long lengths[] = {6, 0, strlen(text)};
		struct answer a = {3, columns, cells, lengths};
		const struct collector *c = collector_for(PART_DEADLOCK_TEXT);
		struct reading *r = reading_new(c, &c->sources[0], &a);
		reading_row(r, &a);
		snprintf(row, sizeof row, "name=Innodb_deadlocks value=%d", rounds[i].counter);
		struct part *section = reading_finish(r, RIG_LAST * NS_PER_S, RIG_WALL * US_PER_S, 1);
		struct part *status = rows_part(PART_STATUS, RIG_LAST, row), *before = all;
		parts[PART_DEADLOCK_TEXT] = section;
		parts[PART_STATUS] = status;
		all = derivation_for(PART_DEADLOCKS)->make(&ctx, before);
		part_unref(before);
		part_unref(section);
		part_unref(status);
		free(text);
	}
	return all;
}

static void take(struct console *c)
{
	struct snapshot *s = snapshot_new(0);
	int64_t ns = RIG_LAST * NS_PER_S;
	s->seq = 1;
	s->epoch = 1;
	s->mono = ns;
	s->wall = RIG_WALL * US_PER_S;
	s->link = LINK_LIVE;
	s->interval = 1;
	s->server = (struct server_info){.flavor = FLAVOR_MYSQL, .version = "8.4.3", .version_short = "8.4.3",
					 .connection_id = 14};
	snapshot_set(s, rows_part(PART_STATUS, RIG_LAST, "name=Innodb_deadlocks value=11"));
	snapshot_set(s, rows_part(PART_INNODB, RIG_LAST, "name=trx_rseg_history_len value=1204331 enabled=1"));
	snapshot_set(s, rows_part(PART_TRANSACTIONS, RIG_LAST, transactions));
	snapshot_set(s, history());
	console_take(c, s);
}

static void compare(struct console *c, const char *name, bool ascii)
{
	static const struct {
		int cols, rows;
	} sizes[] = {{40, 12}, {80, 24}, {160, 42}};
	for (size_t k = 0; k < COUNT_OF(sizes); k++) {
		rig_draw(c, sizes[k].cols, sizes[k].rows, ascii);
		rig_compare(c, name);
	}
}

static void every_scene(bool ascii)
{
	struct console c;
	rig_open(&c, ascii);
	take(&c);
	assert_true(console_run_command(&c, "transactions"));
	compare(&c, "transactions", ascii);
	assert_true(console_run_command(&c, "deadlocks"));
	compare(&c, "deadlocks", ascii);
	rig_key(&c, 'j'); /* the newest has three locks on a side; the one below it three sides */
	rig_key(&c, K_ENTER);
	assert_string_equal(console_view(&c)->ops->name, "deadlock");
	compare(&c, "deadlock", ascii);
	rig_close(&c);
}

static void utf8(void **state)
{
	(void)state;
	every_scene(false);
}

static void ascii(void **state)
{
	(void)state;
	every_scene(true);
}

/* Sessions are what actions are about; a prepared transaction has none, a lost deadlock nothing to lay out. */
static void what_can_be_opened(void **state)
{
	struct console c;
	(void)state;
	rig_open(&c, false);
	take(&c);
	console_run_command(&c, "transactions");
	rig_draw(&c, 80, 24, false);
	struct view *v = console_view(&c);
	assert_int_equal(v->ops->session(v), 0);
	rig_key(&c, K_ENTER);
	assert_string_equal(console_view(&c)->ops->name, "transactions");
	rig_key(&c, 'j');
	assert_int_equal(v->ops->session(v), 812);
	rig_key(&c, K_ENTER);
	assert_string_equal(console_view(&c)->ops->name, "session-detail");
	rig_key(&c, K_ESC);
	console_run_command(&c, "deadlocks");
	rig_draw(&c, 80, 24, false);
	for (int i = 0; i < 3; i++)
		rig_key(&c, 'j');
	rig_key(&c, K_ENTER);
	assert_string_equal(console_view(&c)->ops->name, "deadlocks");
	rig_key(&c, 'k');
	rig_key(&c, K_ENTER);
	assert_string_equal(console_view(&c)->ops->name, "deadlock");
	assert_false(console_run_command(&c, "deadlocks please"));
	rig_close(&c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8),
		cmocka_unit_test(ascii),
		cmocka_unit_test(what_can_be_opened),
	};
	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
