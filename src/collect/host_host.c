/*
 * The host itself: what it is, what it runs on, and where the server is on it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "collect/hostmake.h"

static void want(const struct host_ctx *ctx, struct buf *request)
{
	static const char *const files[] = {
		"sys/kernel/hostname", "sys/kernel/osrelease", "uptime", "/etc/os-release", "1/cgroup",
		"/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/product_name", "/sys/hypervisor/type",
		"/run/systemd/container",
	};
	for (size_t i = 0; i < COUNT_OF(files); i++)
		host_want(request, "%s", files[i]);
	if (ctx->server->pid > 0)
		host_want(request, "%" PRId64 "/cgroup", ctx->server->pid);
}

static struct text first_line(struct text t)
{
	struct text line = {"", 0};
	text_line(&t, &line);
	return line;
}

static void put_machine(struct part_builder *b, const struct host_tick *t)
{
	struct text vendor = first_line(host_text(t, "/sys/class/dmi/id/sys_vendor"));
	struct text product = first_line(host_text(t, "/sys/class/dmi/id/product_name"));
	struct text hypervisor = first_line(host_text(t, "/sys/hypervisor/type"));
	struct buf name = BUF_INIT;
	buf_add(&name, vendor.s, vendor.n);
	if (vendor.n && product.n)
		buf_addc(&name, ' ');
	buf_add(&name, product.s, product.n);
	if (!name.len)
		buf_add(&name, hypervisor.s, hypervisor.n);
	if (name.len)
		part_set_text(b, HOST_MACHINE, name.s, name.len);
	buf_release(&name);
}

static bool has(struct text t, const char *word)
{
	return t.n && memmem(t.s, t.n, word, strlen(word)) != NULL;
}

static const char *container(struct text cgroup)
{
	static const struct {
		const char *word, *name;
	} kinds[] = {
		{"kubepods", "Kubernetes pod"}, {"docker", "Docker"},     {"libpod", "Podman"},
		{"containerd", "containerd"},   {"/lxc", "LXC"},          {"machine.slice", "systemd-nspawn"},
	};
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (has(cgroup, kinds[i].word))
			return kinds[i].name;
	return NULL;
}

static void put_container(struct part_builder *b, const struct host_ctx *ctx, const struct host_tick *t)
{
	const struct host_server *s = ctx->server;
	struct text by_systemd = first_line(host_text(t, "/run/systemd/container"));
	const char *kind = container(host_text(t, "%" PRId64 "/cgroup", s->pid));
	if (!kind)
		kind = container(host_text(t, "1/cgroup"));
	if (!kind && !by_systemd.n && s->inner_pid > 0 && s->inner_pid != s->pid)
		kind = "a container";
	if (kind)
		part_set(b, HOST_CONTAINER, value_str(kind));
	else
		put_words(b, HOST_CONTAINER, by_systemd);
}

static void put_server(struct part_builder *b, const struct host_server *s)
{
	if (s->pid > 0) {
		part_set(b, HOST_PID, value_int(s->pid));
		part_set(b, HOST_INNER_PID, value_int(s->inner_pid > 0 ? s->inner_pid : s->pid));
		part_set(b, HOST_FOUND, value_str(s->how));
		char cgroup[sizeof s->cgroup + 1];
		snprintf(cgroup, sizeof cgroup, "/%s", s->cgroup + strspn(s->cgroup, "/"));
		part_set(b, HOST_CGROUP, value_str(cgroup));
		part_set(b, HOST_CGROUP_VERSION, value_int(s->cgroup_v2 ? 2 : 1));
	} else if (s->why_not[0]) {
		part_set(b, HOST_NOT_FOUND, value_str(s->why_not));
	}
}

static struct part *make(const struct host_ctx *ctx, const struct host_tick *t, double ms,
			 const char **why)
{
	struct text up = host_text(t, "uptime"), name = {"", 0};
	double seconds;
	if (!text_real(text_word(&up), &seconds)) {
		*why = "/proc/uptime cannot be read: not Linux, or no /proc";
		return NULL;
	}
	struct part_builder *b = part_builder_new(PART_HOST, &host_schema);
	part_row_begin(b);
	struct text host = first_line(host_text(t, "sys/kernel/hostname"));
	if (host.n)
		part_set_text(b, HOST_NAME, host.s, host.n);
	else
		part_set(b, HOST_NAME, value_str("host"));
	put_words(b, HOST_KERNEL, first_line(host_text(t, "sys/kernel/osrelease")));
	if (os_release(host_text(t, "/etc/os-release"), "PRETTY_NAME", &name))
		put_words(b, HOST_SYSTEM, name);
	part_set(b, HOST_UPTIME, value_real(seconds));
	part_set(b, HOST_BOOTED, value_int(t->wall / US_PER_S - (int64_t)seconds));
	put_number(b, HOST_CORES, ctx->server->cores > 0, ctx->server->cores);
	put_machine(b, t);
	put_container(b, ctx, t);
	put_server(b, ctx->server);
	part_row_end(b);
	return host_seal(b, t, ms);
}

const struct host_collector host_collector = {
	.part = PART_HOST,
	.cost = COST_RARE,
	.schema = &host_schema,
	.want = want,
	.make = make,
};
