// SPDX-License-Identifier: GPL-2.0
/*
 * Times the page allocator, orders 0 to 9: reading the file page_bench in
 * debugfs runs the benchmark and gives its results as TAP with metrics.
 *
 * For each order some rounds of allocating a batch of blocks and freeing it
 * again; the median round is what counts, so that an interrupt or another
 * task in one of them does not show.
 */
#include <linux/debugfs.h>
#include <linux/gfp.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sort.h>

#define ORDERS 10

static unsigned int rounds = 31;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "rounds for each order (1 to 999); the median of them is the result");

static unsigned int batch = 256;
module_param(batch, uint, 0444);
MODULE_PARM_DESC(batch, "blocks of order 0 in a round (1 to 65536); of an order n so many fewer that it is as much memory, at least 8");

static struct dentry *file;

static int compare(const void *left, const void *right)
{
	u64 a = *(const u64 *)left, b = *(const u64 *)right;

	return a < b ? -1 : a > b;
}

/* Nanoseconds for one block. */
static u64 median(u64 *times, unsigned int count)
{
	sort(times, rounds, sizeof(*times), compare, NULL);
	return div_u64(times[rounds / 2], count);
}

static void bench(struct seq_file *out, unsigned int order, struct page **pages, u64 *alloc, u64 *release)
{
	unsigned int count = max(batch >> order, 8U), round, have = 0, got;
	u64 start, middle;

	/* The first round fills the per-CPU lists and is not counted. */
	for (round = 0; round <= rounds; round++) {
		cond_resched();
		start = ktime_get_ns();
		for (got = 0; got < count; got++) {
			pages[got] = alloc_pages(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN, order);
			if (!pages[got])
				break;
		}
		middle = ktime_get_ns();
		have = got;
		while (got)
			__free_pages(pages[--got], order);
		if (have < count)
			break;
		if (round) {
			alloc[round - 1] = middle - start;
			release[round - 1] = ktime_get_ns() - middle;
		}
	}
	if (have < count) {
		seq_printf(out, "not ok %u - order-%u # only %u of %u blocks to be had\n", order + 1, order, have, count);
		return;
	}
	seq_printf(out, "# metric alloc-order-%u %llu ns lower\n", order, median(alloc, count));
	seq_printf(out, "# metric free-order-%u %llu ns lower\n", order, median(release, count));
	seq_printf(out, "ok %u - order-%u\n", order + 1, order);
}

static int results_show(struct seq_file *out, void *unused)
{
	struct page **pages = kvcalloc(max(batch, 8U), sizeof(*pages), GFP_KERNEL);
	u64 *alloc = kvcalloc(rounds, sizeof(*alloc), GFP_KERNEL);
	u64 *release = kvcalloc(rounds, sizeof(*release), GFP_KERNEL);
	unsigned int order;
	int result = 0;

	if (!pages || !alloc || !release) {
		result = -ENOMEM;
	} else {
		seq_printf(out, "TAP version 13\n1..%u\n", ORDERS);
		for (order = 0; order < ORDERS; order++)
			bench(out, order, pages, alloc, release);
	}
	kvfree(release);
	kvfree(alloc);
	kvfree(pages);
	return result;
}
DEFINE_SHOW_ATTRIBUTE(results);

static int __init page_bench_init(void)
{
	if (!rounds || rounds > 999 || !batch || batch > 65536)
		return -EINVAL;
	file = debugfs_create_file("page_bench", 0400, NULL, NULL, &results_fops);
	return PTR_ERR_OR_ZERO(file);
}

static void __exit page_bench_exit(void)
{
	debugfs_remove(file);
}

module_init(page_bench_init);
module_exit(page_bench_exit);
MODULE_DESCRIPTION("times the page allocator");
MODULE_LICENSE("GPL");
