// SPDX-License-Identifier: GPL-2.0
/*
 * Allocates and frees blocks of pages for the rows alloc-… and free-… of
 * mm-bench: writing an order, a count and 0 to the file mm_bench in debugfs
 * allocates so many blocks and keeps them, and a count of 0 frees these.
 * With 1 in the end, blocks are put aside that nothing else should use.
 */
#include <linux/debugfs.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#define BLOCKS 16384
#define ORDERS 10

static struct dentry *entry;
static struct page *blocks[BLOCKS];
static unsigned int held, held_order;
static LIST_HEAD(aside); /* the order of a block is its page_private() */
static DEFINE_MUTEX(lock);

static void free_all(void)
{
	while (held)
		__free_pages(blocks[--held], held_order);
}

static bool allocate(unsigned int order, unsigned int count)
{
	held_order = order;
	while (held < count) {
		struct page *block = alloc_pages(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN, order);

		if (!block) {
			free_all();
			return false;
		}
		blocks[held++] = block;
	}
	return true;
}

static bool put_aside(unsigned int order, unsigned int count)
{
	for (; count; count--) {
		struct page *block = alloc_pages(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN, order);

		if (!block)
			return false;
		set_page_private(block, order);
		list_add(&block->lru, &aside);
	}
	return true;
}

static void give_back(void)
{
	struct page *block, *next;

	list_for_each_entry_safe(block, next, &aside, lru) {
		unsigned int order = page_private(block);

		list_del(&block->lru);
		set_page_private(block, 0);
		__free_pages(block, order);
	}
}

static ssize_t mm_bench_write(struct file *file, const char __user *buffer, size_t size, loff_t *at)
{
	struct {
		u32 order, count, aside;
	} wish;
	bool good = true;

	if (size != sizeof(wish))
		return -EINVAL;
	if (copy_from_user(&wish, buffer, sizeof(wish)))
		return -EFAULT;
	if (wish.order >= ORDERS || wish.count > BLOCKS)
		return -EINVAL;
	mutex_lock(&lock);
	if (wish.aside && wish.count)
		good = put_aside(wish.order, wish.count);
	else if (wish.aside)
		give_back();
	else if (!wish.count)
		free_all();
	else if (held)
		good = false;
	else
		good = allocate(wish.order, wish.count);
	mutex_unlock(&lock);
	return good ? size : -ENOMEM;
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.write = mm_bench_write,
};

static int __init mm_bench_init(void)
{
	entry = debugfs_create_file("mm_bench", 0200, NULL, NULL, &fops);
	return PTR_ERR_OR_ZERO(entry);
}

static void __exit mm_bench_exit(void)
{
	debugfs_remove(entry);
	free_all();
	give_back();
}

module_init(mm_bench_init);
module_exit(mm_bench_exit);
MODULE_DESCRIPTION("blocks of pages for mm-bench");
MODULE_LICENSE("GPL");
