#include "lab/shop.h"

#include <string.h>

#include "base/fatal.h"
#include "base/mem.h"
#include "io/rawdb.h"
#include "lab/fill.h"

/* At first. Orders and events grow; the batch job keeps them near this. */
enum { CUSTOMERS = 1200, PRODUCTS = 240, ORDERS = 3000, EVENTS = 4000, ROWS_AN_INSERT = 500 };
#define ORDERS_KEPT "3200"
#define EVENTS_KEPT "4500"

static const char *const schema[] = {
	"CREATE DATABASE shop CHARACTER SET utf8mb4",
	"USE shop",
	"CREATE TABLE customers (id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,"
	" name varchar(120) NOT NULL, email varchar(160) NOT NULL, city varchar(80) NOT NULL,"
	" country char(2) NOT NULL, joined_at datetime NOT NULL, last_seen datetime NULL,"
	" UNIQUE KEY email (email), KEY place (country, city))",
	"CREATE TABLE products (id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,"
	" sku varchar(24) NOT NULL, name varchar(160) NOT NULL, category varchar(40) NOT NULL,"
	" price decimal(10,2) NOT NULL, UNIQUE KEY sku (sku), KEY category (category, price))",
	"CREATE TABLE stock (product_id int unsigned NOT NULL PRIMARY KEY, quantity int NOT NULL,"
	" changed_at datetime(3) NOT NULL, KEY quantity (quantity),"
	" CONSTRAINT stock_product FOREIGN KEY (product_id) REFERENCES products (id))",
	"CREATE TABLE orders (id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,"
	" customer_id int unsigned NOT NULL,"
	" status enum('new','paid','shipped','cancelled') NOT NULL DEFAULT 'new',"
	" total decimal(12,2) NOT NULL, created_at datetime(3) NOT NULL,"
	" KEY customer (customer_id, created_at), KEY status (status),"
	" CONSTRAINT order_customer FOREIGN KEY (customer_id) REFERENCES customers (id))",
	"CREATE TABLE order_items (order_id bigint unsigned NOT NULL, line smallint unsigned NOT "
	"NULL,"
	" product_id int unsigned NOT NULL, quantity int NOT NULL, price decimal(10,2) NOT NULL,"
	" PRIMARY KEY (order_id, line), KEY product (product_id),"
	" CONSTRAINT item_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,"
	" CONSTRAINT item_product FOREIGN KEY (product_id) REFERENCES products (id))",
	"CREATE TABLE events (id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,"
	" customer_id int unsigned NOT NULL, kind varchar(24) NOT NULL, detail json NULL,"
	" happened_at datetime(3) NOT NULL, KEY happened_at (happened_at),"
	" KEY customer (customer_id, happened_at))",
};

/* --- people and goods --------------------------------------------------------------------- */

static const struct person {
	const char *name;
	const char *login;
} people[] = {
	{"김서연", "seoyeon"},
	{"이도윤", "doyun"},
	{"박지훈", "jihun"},
	{"최하은", "haeun"},
	{"정예준", "yejun"},
	{"Zoë Müller", "zoe"},
	{"José Ángel Núñez", "jose"},
	{"François Lefèvre", "francois"},
	{"Łukasz Wiśniewski", "lukasz"},
	{"Søren Kjærgaard", "soren"},
	{"Đặng Thị Hương", "huong"},
	{"Ольга Иванова", "olga"},
	{"Οδυσσέας Παππάς", "odysseas"},
	{"山田 花子", "hanako"},
	{"王秀英", "xiuying"},
	{"Aoife Ní Bhriain", "aoife"},
	{"Björn Åkesson", "bjorn"},
	{"Şebnem Yıldız", "sebnem"},
	{"Grace O'Malley", "grace"},
	{"Ada Okonkwo", "ada"},
	{"Renée Brontë", "renee"},
	{"Jürgen Großmann", "juergen"},
	{"Ana Conceição", "ana"},
	{"Priya Raghunathan", "priya"},
};

static const struct place {
	const char *city;
	const char *country;
} places[] = {
	{"서울", "KR"},        {"부산", "KR"},      {"전주", "KR"},      {"Zürich", "CH"},
	{"Málaga", "ES"},      {"Łódź", "PL"},      {"København", "DK"}, {"Đà Nẵng", "VN"},
	{"Θεσσαλονίκη", "GR"}, {"東京", "JP"},      {"Lagos", "NG"},     {"Malmö", "SE"},
	{"Köln", "DE"},        {"São Paulo", "BR"}, {"Galway", "IE"},    {"İzmir", "TR"},
};

static const struct ware {
	const char *name;
	const char *category;
} wares[] = {
	{"한라봉 마멀레이드", "pantry"},
	{"보성 녹차", "tea"},
	{"Café crème", "coffee"},
	{"Jalapeño jam", "pantry"},
	{"Smörgåsknäcke", "bakery"},
	{"Crème brûlée", "bakery"},
	{"Earl Grey", "tea"},
	{"Piñata", "party"},
	{"Fjällräv mug", "kitchen"},
	{"옹기 그릇", "kitchen"},
	{"抹茶", "tea"},
	{"Käsemesser", "kitchen"},
	{"Yirgacheffe beans", "coffee"},
	{"Paper lantern", "party"},
	{"Rye loaf", "bakery"},
	{"Brass moka pot", "coffee"},
};

static const char *const sizes[] = {"small", "medium", "large", "gift box", "250 g", "1 kg"};
static const char *const kinds[] = {"view", "view", "view", "search", "cart", "login"};

static void add_quoted(struct buf *out, const char *s)
{
	buf_addc(out, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			buf_addc(out, '\'');
		buf_addc(out, *s);
	}
	buf_addc(out, '\'');
}

/* Names and mail addresses go by the customer's number, so that they can be looked up again. */
static void add_name(struct buf *out, uint32_t customer)
{
	add_quoted(out, people[customer % COUNT_OF(people)].name);
}

static void add_email(struct buf *out, uint32_t customer)
{
	buf_addf(out, "'%s.%u@example.net'", people[customer % COUNT_OF(people)].login, customer);
}

/* --- the first rows ----------------------------------------------------------------------- */

static void put_customer(struct buf *out, uint32_t id, struct shop_dice *d)
{
	const struct place *p = &places[shop_roll(d, COUNT_OF(places))];
	buf_addf(out, "(%u, ", id);
	add_name(out, id);
	buf_adds(out, ", ");
	add_email(out, id);
	buf_addf(out, ", '%s', '%s', NOW() - INTERVAL %u HOUR, NULL)", p->city, p->country,
		 shop_roll(d, 20000));
}

static void put_product(struct buf *out, uint32_t id, struct shop_dice *d)
{
	const struct ware *w = &wares[id % COUNT_OF(wares)];
	buf_addf(out, "(%u, 'SKU-%05u', '%s, %s', '%s', %u.%02u)", id, id * 37, w->name,
		 sizes[id / COUNT_OF(wares) % COUNT_OF(sizes)], w->category, 2 + shop_roll(d, 90),
		 shop_roll(d, 100));
}

static void put_stock(struct buf *out, uint32_t id, struct shop_dice *d)
{
	buf_addf(out, "(%u, %u, NOW(3))", id, 100 + shop_roll(d, 400));
}

static void put_order(struct buf *out, uint32_t id, struct shop_dice *d)
{
	static const char *const states[] = {"shipped", "shipped", "shipped", "paid", "cancelled"};
	buf_addf(out, "(%u, %u, '%s', %u.%02u, NOW(3) - INTERVAL %u MINUTE)", id,
		 1 + shop_roll(d, CUSTOMERS), states[shop_roll(d, COUNT_OF(states))],
		 5 + shop_roll(d, 300), shop_roll(d, 100), (ORDERS - id) * 20 + shop_roll(d, 20));
}

static void put_items(struct buf *out, uint32_t order, struct shop_dice *d)
{
	uint32_t lines = 1 + shop_roll(d, 4);
	for (uint32_t line = 1; line <= lines; line++)
		buf_addf(out, "%s(%u, %u, %u, %u, %u.%02u)", line > 1 ? ", " : "", order, line,
			 1 + shop_roll(d, PRODUCTS), 1 + shop_roll(d, 3), 2 + shop_roll(d, 90),
			 shop_roll(d, 100));
}

static void put_event(struct buf *out, uint32_t id, struct shop_dice *d)
{
	buf_addf(out, "(%u, %u, '%s', '{\"product\": %u}', NOW(3) - INTERVAL %u SECOND)", id,
		 1 + shop_roll(d, CUSTOMERS), kinds[shop_roll(d, COUNT_OF(kinds))],
		 1 + shop_roll(d, PRODUCTS), EVENTS - id);
}

static const struct {
	const char *table;
	uint32_t rows;
	void (*put)(struct buf *out, uint32_t id, struct shop_dice *d);
} tables[] = {
	{"customers", CUSTOMERS, put_customer}, {"products", PRODUCTS, put_product},
	{"stock", PRODUCTS, put_stock},         {"orders", ORDERS, put_order},
	{"order_items", ORDERS, put_items},     {"events", EVENTS, put_event},
};

static bool insert(struct rawdb *db, const char *table, uint32_t from, uint32_t to,
		   void (*put)(struct buf *, uint32_t, struct shop_dice *), struct shop_dice *d,
		   struct err *e)
{
	struct buf sql = BUF_INIT;
	buf_addf(&sql, "INSERT INTO %s VALUES ", table);
	for (uint32_t id = from; id < to; id++) {
		if (id > from)
			buf_adds(&sql, ", ");
		put(&sql, id, d);
	}
	bool ok = rawdb_exec(db, buf_str(&sql), e);
	buf_release(&sql);
	return ok;
}

bool shop_create(struct rawdb *db, struct err *e)
{
	struct shop_dice dice = {20260309};
	for (size_t i = 0; i < COUNT_OF(schema); i++)
		if (!rawdb_exec(db, schema[i], e))
			return false;
	for (size_t i = 0; i < COUNT_OF(tables); i++)
		for (uint32_t id = 1; id <= tables[i].rows; id += ROWS_AN_INSERT) {
			uint32_t end = id + ROWS_AN_INSERT;
			if (end > tables[i].rows + 1)
				end = tables[i].rows + 1;
			if (!insert(db, tables[i].table, id, end, tables[i].put, &dice, e))
				return false;
		}
	return rawdb_exec(
		db, "ANALYZE TABLE customers, products, stock, orders, order_items, events", e);
}

/* --- what the programs do ----------------------------------------------------------------- */

const struct shop_client shop_clients[] = {
	{"web", 2, 9, "127.0.1.11", false, "shop-web"},
	{"web", 1, 9, "127.0.1.12", true, "shop-web"},
	{"checkout", 2, 9, "127.0.1.21", false, "shop-checkout"},
	{"report", 1, 1, "127.0.1.31", true, "shop-report"},
	{"batch", 1, 4, NULL, false, "shop-batch"},
	{NULL},
};

/* clang-format off */
const struct shop_task shop_tasks[] = {
	{"web", 30, {
		"SELECT p.id, p.sku, p.name, p.price, s.quantity FROM products p"
		" JOIN stock s ON s.product_id = p.id WHERE p.id = {product}"}},
	{"web", 12, {
		"SELECT id, name, price FROM products WHERE category = '{category}'"
		" ORDER BY price LIMIT 20"}},
	{"web", 6, {
		"SELECT id, name FROM products WHERE name LIKE '%{ware}%' LIMIT 10"}},
	{"web", 10, {
		"SELECT o.id, o.status, o.total, COUNT(*) AS line_count FROM orders o"
		" JOIN order_items i ON i.order_id = o.id WHERE o.customer_id = {customer}"
		" GROUP BY o.id, o.status, o.total ORDER BY o.id DESC LIMIT 10"}},
	{"web", 8, {
		"SELECT id, name, city FROM customers WHERE email = {email}"}},
	{"web", 6, {
		"SELECT i.product_id, COUNT(*) AS bought FROM order_items i"
		" JOIN order_items mine ON mine.order_id = i.order_id"
		" WHERE mine.product_id = {product} AND i.product_id <> {product}"
		" GROUP BY i.product_id ORDER BY bought DESC LIMIT 5"}},

	{"checkout", 8, {
		"BEGIN",
		"SELECT product_id, quantity FROM stock"
		" WHERE product_id IN ({product}, {product2}) ORDER BY product_id FOR UPDATE",
		"INSERT INTO orders (customer_id, total, created_at)"
		" SELECT {customer}, SUM(price) * {quantity}, NOW(3) FROM products"
		" WHERE id IN ({product}, {product2})",
		"INSERT INTO order_items (order_id, line, product_id, quantity, price)"
		" SELECT LAST_INSERT_ID(), IF(id = {product}, 1, 2), id, {quantity}, price"
		" FROM products WHERE id IN ({product}, {product2})",
		"UPDATE stock SET quantity = quantity - {quantity}, changed_at = NOW(3)"
		" WHERE product_id IN ({product}, {product2})",
		"COMMIT"}},
	{"checkout", 8, {
		"SELECT id, total FROM orders WHERE customer_id = {customer} AND status = 'new'",
		"UPDATE orders SET status = 'paid'"
		" WHERE status = 'new' AND customer_id = {customer}"}},
	{"checkout", 14, {
		"INSERT INTO events (customer_id, kind, detail, happened_at)"
		" VALUES ({customer}, '{kind}', '{\"product\": {product}}', NOW(3))"}},
	{"checkout", 4, {
		"BEGIN",
		"UPDATE customers SET last_seen = NOW() WHERE id = {customer}",
		"SELECT COUNT(*) FROM orders WHERE customer_id = {customer}",
		"COMMIT"}},
	{"checkout", 1, {
		"BEGIN",
		"UPDATE stock SET quantity = quantity - {quantity} WHERE product_id = {product}",
		"ROLLBACK"}},

	{"batch", 8, {
		"SELECT product_id, quantity FROM stock WHERE quantity < 50 LIMIT 20"}},
	{"batch", 8, {
		"UPDATE stock SET quantity = quantity + 500, changed_at = NOW(3)"
		" WHERE product_id = {product} AND quantity < 100"}},
	{"batch", 4, {
		"UPDATE orders SET status = 'shipped'"
		" WHERE status = 'paid' ORDER BY id LIMIT 10"}},
	{"batch", 4, {
		"DELETE FROM events WHERE id <="
		" (SELECT old FROM (SELECT GREATEST(MAX(id), " EVENTS_KEPT ") - " EVENTS_KEPT
		" AS old FROM events) t)"
		" ORDER BY id LIMIT 100"}},
	{"batch", 4, {
		"DELETE FROM orders WHERE id <="
		" (SELECT old FROM (SELECT GREATEST(MAX(id), " ORDERS_KEPT ") - " ORDERS_KEPT
		" AS old FROM orders) t)"
		" ORDER BY id LIMIT 50"}},

	{"report", 10, {
		"SELECT DATE(created_at) AS day, COUNT(*) AS orders, SUM(total) AS revenue"
		" FROM orders GROUP BY day ORDER BY day DESC LIMIT 14"}},
	{"report", 10, {
		"SELECT c.country, COUNT(*) AS orders, SUM(o.total) AS revenue FROM orders o"
		" JOIN customers c ON c.id = o.customer_id WHERE o.status <> 'cancelled'"
		" GROUP BY c.country ORDER BY revenue DESC"}},
	{"report", 8, {
		"SELECT p.category, SUM(i.quantity * i.price) AS revenue FROM order_items i"
		" JOIN products p ON p.id = i.product_id GROUP BY p.category WITH ROLLUP"}},
	/* The slow one, a second or two: what else those buy who buy the same, by country. */
	{"report", 1, {
		"SELECT c.country, p.category, COUNT(*) AS times,"
		" SUM(k.quantity * k.price) AS revenue FROM order_items i JOIN order_items j"
		" ON j.product_id = i.product_id"
		" JOIN order_items k ON k.order_id = j.order_id AND k.line <> j.line"
		" JOIN orders o ON o.id = j.order_id JOIN customers c ON c.id = o.customer_id"
		" JOIN products p ON p.id = k.product_id"
		" GROUP BY c.country, p.category ORDER BY revenue DESC LIMIT 25"}},
	{NULL},
};
/* clang-format on */

uint32_t shop_roll(struct shop_dice *d, uint32_t n)
{
	BUG_ON(n == 0 || d->state == 0);
	d->state ^= d->state << 13;
	d->state ^= d->state >> 7;
	d->state ^= d->state << 17;
	return (uint32_t)(d->state >> 32) % n;
}

const struct shop_task *shop_task_pick(const char *user, struct shop_dice *d)
{
	uint32_t sum = 0;
	for (const struct shop_task *t = shop_tasks; t->user; t++)
		sum += strcmp(t->user, user) == 0 ? t->weight : 0;
	uint32_t left = shop_roll(d, sum);
	for (const struct shop_task *t = shop_tasks; t->user; t++) {
		if (strcmp(t->user, user) != 0)
			continue;
		if (left < t->weight)
			return t;
		left -= t->weight;
	}
	die("BUG: %s has nothing to do", user);
}

/* Some things sell better than others. */
static uint32_t roll_product(struct shop_dice *d)
{
	uint32_t a = shop_roll(d, PRODUCTS), b = shop_roll(d, PRODUCTS);
	return 1 + (a < b ? a : b);
}

void shop_run_init(struct shop_run *r, struct shop_dice *d)
{
	*r = (struct shop_run){
		.dice = d,
		.customer = 1 + shop_roll(d, CUSTOMERS),
		.product = {roll_product(d), roll_product(d)},
		.quantity = 1 + shop_roll(d, 3),
	};
	if (r->product[1] == r->product[0])
		r->product[1] = r->product[0] % PRODUCTS + 1;
}

bool shop_word(struct buf *out, const char *word, void *ctx)
{
	const struct shop_run *r = ctx;
	if (strcmp(word, "customer") == 0)
		buf_addf(out, "%u", r->customer);
	else if (strcmp(word, "product") == 0)
		buf_addf(out, "%u", r->product[0]);
	else if (strcmp(word, "product2") == 0)
		buf_addf(out, "%u", r->product[1]);
	else if (strcmp(word, "quantity") == 0)
		buf_addf(out, "%u", r->quantity);
	else if (strcmp(word, "email") == 0)
		add_email(out, r->customer);
	else if (strcmp(word, "ware") == 0)
		buf_adds(out, wares[r->product[0] % COUNT_OF(wares)].name);
	else if (strcmp(word, "category") == 0)
		buf_adds(out, wares[r->product[0] % COUNT_OF(wares)].category);
	else if (strcmp(word, "kind") == 0)
		buf_adds(out, kinds[shop_roll(r->dice, COUNT_OF(kinds))]);
	else
		return false;
	return true;
}
