/*
 * Who may log in, and who may do everything. Of passwords only whether there is one.
 */
#include "base/mem.h"
#include "collect/all.h"

enum { MOST_ACCOUNTS = 2000 };

#define MU "mysql.user "
#define ACCOUNT_FIELDS(F) \
	F(ID, "id", TEXT, NONE, GAUGE, "Account", "user@host.", MU "User, Host", "") \
	F(USER, "user", TEXT, NONE, GAUGE, "User", "Its name; empty: whoever comes.", MU "User", \
	  "Never empty.") \
	F(HOST, "host", TEXT, NONE, GAUGE, "From", "Where it may log in from; % is everywhere.", MU "Host", \
	  "Hosts or networks for whoever may do much.") \
	F(PLUGIN, "plugin", TEXT, NONE, GAUGE, "By", "How it proves who it is.", \
	  MU "plugin; global_priv Priv $.plugin", \
	  "caching_sha2_password on MySQL; ed25519 or unix_socket on MariaDB. mysql_native_password is " \
	  "SHA-1.") \
	F(PASSWORD, "password", INT, BOOL, GAUGE, "Password", \
	  "Whether one is set, where the way of logging in goes by passwords.", \
	  MU "authentication_string <> ''", "yes.") \
	F(LOCKED, "locked", INT, BOOL, GAUGE, "Locked", "Whether it cannot log in.", \
	  MU "account_locked; global_priv Priv $.account_locked", "yes for accounts that only own things.") \
	F(EXPIRED, "expired", INT, BOOL, GAUGE, "Expired", "Whether its password must be set anew first.", \
	  MU "password_expired; global_priv Priv $.password_last_changed is 0", "no.") \
	F(ROLE, "is_role", INT, BOOL, GAUGE, "Role", "Whether it is a role, which cannot log in.", \
	  "global_priv Priv $.is_role (MariaDB)", "no, unless it stands for a group of privileges.") \
	F(SUPER, "super", INT, BOOL, GAUGE, "SUPER", "Whether it has SUPER.", MU "Super_priv", \
	  "Only administrators.") \
	F(ALL, "all_privileges", INT, BOOL, GAUGE, "All", \
	  "Whether it has, on everything, all that counts: reads and changes all data, creates users, shuts " \
	  "the server down.", MU "*_priv", "Only administrators.") \
	F(GRANT, "grants", INT, BOOL, GAUGE, "GRANT", "Whether it may hand on what it has, on everything.", \
	  MU "Grant_priv", "Only administrators.") \
	F(FILE, "file", INT, BOOL, GAUGE, "FILE", "Whether it may read and write files of the server.", \
	  MU "File_priv", "no.") \
	F(TLS, "tls", TEXT, NONE, GAUGE, "TLS", "What it must show: ANY is TLS, X509 a certificate.", \
	  MU "ssl_type; global_priv Priv $.ssl_type", "ANY, unless the server asks everybody for TLS.") \
	F(CHANGED, "changed", INT, WALL, GAUGE, "Password set", "When its password was last set.", \
	  MU "password_last_changed", "Within the time that your rules allow.")

static const struct field fields[] = {ACCOUNT_FIELDS(SCHEMA_FIELD)};
static const struct schema schema = {"accounts", fields, COUNT_OF(fields), 0};

static const struct source_column mysql_columns[] = {
	{"id", "CONCAT(User, '@', Host)", NULL},
	{"user", "User", NULL},
	{"host", "Host", NULL},
	{"plugin", "plugin", "plugin"},
	{"password", "IF(plugin IN ('', 'mysql_native_password', 'sha256_password', 'caching_sha2_password'), "
		     "authentication_string <> '', NULL)", "authentication_string"},
	{"locked", "account_locked = 'Y'", "account_locked"},
	{"expired", "password_expired = 'Y'", "password_expired"},
	{"super", "Super_priv = 'Y'", NULL},
	{"all_privileges", "CONCAT(Select_priv, Insert_priv, Update_priv, Delete_priv, Drop_priv, "
			   "Create_user_priv, Shutdown_priv) = 'YYYYYYY'", NULL},
	{"grants", "Grant_priv = 'Y'", NULL},
	{"file", "File_priv = 'Y'", NULL},
	{"tls", "NULLIF(ssl_type, '')", NULL},
	{"changed", "UNIX_TIMESTAMP(password_last_changed)", "password_last_changed"},
	{0},
};

/* Bits of the number in "access". */
#define ACCESS "CAST(JSON_VALUE(Priv, '$.access') AS UNSIGNED)"
#define BIT(n) "(" ACCESS " & " #n ") = " #n
/* SELECT, INSERT, UPDATE, DELETE, DROP, SHUTDOWN, CREATE USER */
#define ALL_BITS "33554607"

static const struct source_column mariadb_columns[] = {
	{"id", "CONCAT(User, '@', Host)", NULL},
	{"user", "User", NULL},
	{"host", "Host", NULL},
	{"plugin", "CONCAT(IFNULL(JSON_VALUE(Priv, '$.plugin'), ''), "
		   "IF(Priv LIKE '%%unix_socket%%' AND JSON_VALUE(Priv, '$.plugin') <> 'unix_socket', "
		   "' or unix_socket', ''))", NULL},
	{"password", "IF(IFNULL(JSON_VALUE(Priv, '$.plugin'), '') IN "
		     "('', 'mysql_native_password', 'mysql_old_password', 'ed25519'), "
		     "IFNULL(JSON_VALUE(Priv, '$.authentication_string'), '') <> '', NULL)", NULL},
	{"locked", "IFNULL(JSON_VALUE(Priv, '$.account_locked'), 0) IN ('1', 'true')", NULL},
	{"expired", "IFNULL(JSON_VALUE(Priv, '$.password_last_changed'), 1) = 0", NULL},
	{"is_role", "IFNULL(JSON_VALUE(Priv, '$.is_role'), 0) IN ('1', 'true')", NULL},
	{"super", BIT(32768), NULL},
	{"all_privileges", "(" ACCESS " & " ALL_BITS ") = " ALL_BITS, NULL},
	{"grants", BIT(1024), NULL},
	{"file", BIT(512), NULL},
	{"tls", "ELT(JSON_VALUE(Priv, '$.ssl_type'), 'ANY', 'X509', 'SPECIFIED')", NULL},
	{"changed", "NULLIF(JSON_VALUE(Priv, '$.password_last_changed'), 0)", NULL},
	{0},
};

static const struct source sources[] = {
	{
		.flavor = FLAVOR_MARIADB,
		.table = "mysql.global_priv",
		.columns = mariadb_columns,
		.stmt = {"accounts/mariadb", "SELECT %c FROM mysql.global_priv ORDER BY User, Host",
			 STMT_READ, 500},
		.grant = "SELECT ON mysql.global_priv",
	},
	{
		.table = "mysql.user",
		.columns = mysql_columns,
		.stmt = {"accounts/user", "SELECT %c FROM mysql.user ORDER BY User, Host",
			 STMT_READ, 500},
		.grant = "SELECT ON mysql.user",
	},
	{0},
};

const struct collector accounts_collector = {
	.part = PART_ACCOUNTS,
	.cost = COST_DEMAND,
	.schema = &schema,
	.sources = sources,
	.most_rows = MOST_ACCOUNTS,
	.feature = "accounts: passwords, hosts, powers",
};
