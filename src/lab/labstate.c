#include "lab/labstate.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/mem.h"
#include "lab/folder.h"
#include "lab/workload.h"

/* Goes up when a later program could not end what an earlier one started. */
enum { FORMAT = 1 };

static const char *const phases[] = {
	[LAB_STARTING] = "starting",
	[LAB_UP] = "up",
	[LAB_STOPPING] = "stopping",
};

const char *lab_phase_name(enum lab_phase phase)
{
	return phases[phase];
}

/* Letters and digits only: it goes into SQL and option files as it is. */
static char *new_password(void)
{
	static const char letters[] = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
	unsigned char noise[20];
	char text[sizeof noise + 1] = "";
	if (getrandom(noise, sizeof noise, 0) != sizeof noise)
		die("no random numbers: %s", strerror(errno));
	for (size_t i = 0; i < sizeof noise; i++)
		text[i] = letters[noise[i] % (sizeof letters - 1)];
	return xstrdup(text);
}

void lab_state_init(struct lab_state *s, const char *folder, const struct lab_kind *kind,
		    const struct lab_topology *topology)
{
	*s = (struct lab_state){
		.folder = xstrdup(folder),
		.kind = kind,
		.topology = topology,
		.root_password = new_password(),
		.shop_password = new_password(),
		.replication_password = new_password(),
		.n = topology->n,
	};
	for (size_t i = 0; i < s->n; i++) {
		s->servers[i].node = &topology->nodes[i];
		s->servers[i].socket = xasprintf("%s/%s.sock", folder, topology->nodes[i].name);
	}
}

static void free_secret(char *text)
{
	if (text)
		mem_wipe(text, strlen(text));
	free(text);
}

void lab_state_release(struct lab_state *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->servers[i].socket);
		free(s->servers[i].ended);
		process_release(&s->servers[i].process);
	}
	process_release(&s->keeper);
	process_release(&s->worker);
	programs_release(&s->programs);
	free_secret(s->root_password);
	free_secret(s->shop_password);
	free_secret(s->replication_password);
	free(s->folder);
	*s = (struct lab_state){0};
}

/* --- writing ------------------------------------------------------------------------------ */

static void put_text(json_t *o, const char *key, const char *text)
{
	json_object_set_new(o, key, text ? json_string(text) : json_null());
}

static void put_int(json_t *o, const char *key, int64_t n)
{
	json_object_set_new(o, key, json_integer(n));
}

static void put_args(json_t *o, const char *key, const struct args *a)
{
	json_t *list = json_array();
	for (size_t i = 0; i < a->n; i++)
		json_array_append_new(list, json_string(a->v[i]));
	json_object_set_new(o, key, list);
}

static void put_process(json_t *o, const char *key, const struct process *p)
{
	json_t *process = p->pid > 0 ? json_object() : json_null();
	if (p->pid > 0) {
		put_int(process, "pid", p->pid);
		put_int(process, "start", (int64_t)p->start);
		put_text(process, "mark", p->mark);
	}
	json_object_set_new(o, key, process);
}

static json_t *server_json(const struct lab_server *v)
{
	json_t *o = json_object();
	put_text(o, "name", v->node->name);
	put_text(o, "role", v->node->role);
	put_int(o, "port", v->port);
	put_text(o, "socket", v->socket);
	put_process(o, "process", &v->process);
	put_int(o, "since", v->since_us);
	put_text(o, "ended", v->ended);
	return o;
}

static json_t *state_json(const struct lab_state *s)
{
	json_t *o = json_object(), *servers = json_array();
	put_int(o, "fathom_lab", FORMAT);
	put_text(o, "phase", phases[s->phase]);
	put_text(o, "server", s->kind->name);
	put_text(o, "topology", s->topology->name);
	put_text(o, "workload", s->workload->name);
	put_int(o, "performance_schema", s->performance_schema);
	put_int(o, "until", s->until_us);
	put_text(o, "version", s->programs.version);
	put_args(o, "daemon", &s->programs.daemon);
	put_args(o, "install", &s->programs.install);
	put_args(o, "client", &s->programs.client);
	put_args(o, "options", &s->programs.options);
	put_text(o, "root_password", s->root_password);
	put_text(o, "shop_password", s->shop_password);
	put_text(o, "replication_password", s->replication_password);
	put_process(o, "keeper", &s->keeper);
	put_process(o, "worker", &s->worker);
	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(servers, server_json(&s->servers[i]));
	json_object_set_new(o, "servers", servers);
	return o;
}

bool lab_state_save(const struct lab_state *s, struct err *e)
{
	char *path = xasprintf("%s/" LAB_STATE_NAME, s->folder);
	char *fresh = xasprintf("%s/" LAB_STATE_NEW, s->folder);
	json_t *root = state_json(s);
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && json_dumpfd(root, fd, JSON_INDENT(2)) == 0 && write(fd, "\n", 1) == 1;
	if (fd >= 0)
		ok = close(fd) == 0 && ok;
	ok = ok && rename(fresh, path) == 0;
	if (!ok)
		err_set(e, ERR_IO, path, strerror(errno), NULL);
	json_decref(root);
	free(path);
	free(fresh);
	return ok;
}

/* --- reading ------------------------------------------------------------------------------ */

/* What is missing reads as "", 0 or nothing; what must be there is looked at once, in read_state().
 */
static const char *get_text(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));
	return text ? text : "";
}

static int64_t get_int(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static void get_args(struct args *a, const json_t *o, const char *key)
{
	const json_t *list = json_object_get(o, key);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));
		if (text)
			args_add(a, text);
	}
}

static void get_process(struct process *p, const json_t *o, const char *key)
{
	const json_t *process = json_object_get(o, key);
	const char *mark = get_text(process, "mark");
	int64_t pid = get_int(process, "pid");
	/* Without a mark, or as 1, it could be anybody. */
	if (pid > 1 && pid <= INT32_MAX && *mark)
		*p = (struct process){
			.pid = (pid_t)pid,
			.start = (uint64_t)get_int(process, "start"),
			.mark = xstrdup(mark),
		};
}

static void read_server(struct lab_server *v, const json_t *o, const struct lab_node *node)
{
	const char *ended = get_text(o, "ended");
	v->node = node;
	v->port = (unsigned)get_int(o, "port");
	v->socket = xstrdup(get_text(o, "socket"));
	v->since_us = get_int(o, "since");
	v->ended = *ended ? xstrdup(ended) : NULL;
	get_process(&v->process, o, "process");
}

static bool read_state(struct lab_state *s, const json_t *o)
{
	const json_t *servers = json_object_get(o, "servers");
	s->kind = lab_kind_find(get_text(o, "server"));
	s->topology = lab_topology_find(get_text(o, "topology"));
	s->workload = lab_workload_find(get_text(o, "workload"));
	if (get_int(o, "fathom_lab") != FORMAT || !s->kind || !s->topology || !s->workload ||
	    json_array_size(servers) != s->topology->n)
		return false;
	for (size_t i = 0; i < COUNT_OF(phases); i++)
		if (strcmp(phases[i], get_text(o, "phase")) == 0)
			s->phase = (enum lab_phase)i;
	s->performance_schema = get_int(o, "performance_schema") != 0;
	s->until_us = get_int(o, "until");
	s->programs.version = xstrdup(get_text(o, "version"));
	get_args(&s->programs.daemon, o, "daemon");
	get_args(&s->programs.install, o, "install");
	get_args(&s->programs.client, o, "client");
	get_args(&s->programs.options, o, "options");
	s->root_password = xstrdup(get_text(o, "root_password"));
	s->shop_password = xstrdup(get_text(o, "shop_password"));
	s->replication_password = xstrdup(get_text(o, "replication_password"));
	get_process(&s->keeper, o, "keeper");
	get_process(&s->worker, o, "worker");
	for (; s->n < s->topology->n; s->n++)
		read_server(&s->servers[s->n], json_array_get(servers, s->n),
			    &s->topology->nodes[s->n]);
	return s->programs.daemon.n > 0;
}

enum lab_found lab_state_load(struct lab_state *s, const char *folder, struct err *e)
{
	*s = (struct lab_state){0};
	char *path = xasprintf("%s/" LAB_STATE_NAME, folder);
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	enum lab_found found = fd < 0 && errno == ENOENT ? LAB_NONE : LAB_DAMAGED;
	json_error_t why = {.text = "it cannot be opened"};
	json_t *root = fd >= 0 ? json_loadfd(fd, 0, &why) : NULL;
	if (root && read_state(s, root)) {
		s->folder = xstrdup(folder);
		found = LAB_FOUND;
	} else if (found == LAB_DAMAGED) {
		err_set(e, ERR_IO, path, root ? "not a lab's state file" : why.text,
			"end its servers and remove the folder by hand");
		lab_state_release(s);
	}
	json_decref(root);
	if (fd >= 0)
		close(fd);
	free(path);
	return found;
}
