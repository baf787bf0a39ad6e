/*
 * Reads every part there is each second, those of the host too, and throws them away: what the
 * collectors of all panels cost together.
 *
 *   collect SOCKET USER PASSWORD
 *
 * Prints "ready" when all were read once; ends with its standard input, and then says what the server
 * was seen to spend.
 */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "collect/collector.h"
#include "engine/sampler.h"

static part_mask missing(const struct snapshot *s)
{
	part_mask left = 0;
	for (int i = 0; i < N_PARTS; i++)
		if (collect_schema((enum part_id)i) && !s->parts[i])
			left |= PART_BIT(i);
	return left & ~PART_BIT(PART_FINDINGS);
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 1;
	struct target *t = xcalloc(1, sizeof *t);
	target_set(t, SETTING_SOCKET, argv[1], "bench");
	target_set(t, SETTING_USER, argv[2], "bench");
	target_set(t, SETTING_PASSWORD, argv[3], "bench");
	const struct target *targets[] = {t};
	struct mailbox *box = mailbox_new();
	struct sampler *sampler = sampler_new(box, targets, 1);
	sampler_demand(sampler, 0, &(struct sampler_demand){.parts = ~(part_mask)0, .interval = 1});
	struct pollfd fds[] = {{mailbox_fd(box), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
	struct own_cost cost = {0};
	bool ready = false;
	while (poll(fds, 2, -1) > 0 && !fds[1].revents) {
		struct message m;
		while (mailbox_take(box, &m)) {
			cost = m.snapshot->cost;
			if (!ready && !missing(m.snapshot))
				ready = puts("ready") >= 0 && fflush(stdout) == 0;
			snapshot_unref(m.snapshot);
		}
	}
	printf("%.2f\n", cost.statements);
	sampler_free(sampler);
	mailbox_free(box);
	target_free(t);
	return 0;
}
