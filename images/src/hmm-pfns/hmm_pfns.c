// SPDX-License-Identifier: GPL-2.0
/*
 * Shows a process what hmm_range_fault() reports of its own memory, frame by
 * frame: an ioctl of /dev/hmm_pfns. Nothing is faulted in; pages of private
 * memory are reported if they are of the same device as the given frame.
 */
#include <linux/hmm.h>
#include <linux/memremap.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#define MOST_PAGES 1024

/* The same in hmm-pingpong, test-whole.c. */
struct hmm_pfns_query {
	__u64 address;	/* of the first page */
	__u64 pages;	/* 1 to MOST_PAGES */
	__u64 frame;	/* some frame of the device */
	__u64 frames;	/* where the answers go, a __u64 for each page; 0 is none */
};

#define HMM_PFNS_QUERY _IOW('P', 1, struct hmm_pfns_query)

static bool invalidate(struct mmu_interval_notifier *notifier, const struct mmu_notifier_range *range,
		       unsigned long sequence)
{
	mmu_interval_set_seq(notifier, sequence);
	return true;
}

static const struct mmu_interval_notifier_ops notifier_ops = { .invalidate = invalidate };

static void *owner_of(unsigned long frame)
{
	struct page *page;

	if (!pfn_valid(frame))
		return NULL;
	page = pfn_to_page(frame);
	if (!is_device_private_page(page))
		return NULL;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
	return page_pgmap(page)->owner;
#else
	return page->pgmap->owner;
#endif
}

static int walk(struct hmm_range *range)
{
	struct mm_struct *mm = current->mm;
	int result;

	do {
		range->notifier_seq = mmu_interval_read_begin(range->notifier);
		mmap_read_lock(mm);
		result = hmm_range_fault(range);
		mmap_read_unlock(mm);
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	} while (result == -EBUSY || (!result && mmu_interval_read_retry(range->notifier, range->notifier_seq)));
	return result;
}

static long query_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct mmu_interval_notifier notifier;
	struct hmm_pfns_query query;
	struct hmm_range range = { .notifier = &notifier };
	unsigned long *frames;
	unsigned int index;
	int result;

	if (command != HMM_PFNS_QUERY)
		return -ENOTTY;
	if (copy_from_user(&query, (void __user *)argument, sizeof(query)))
		return -EFAULT;
	if (!query.pages || query.pages > MOST_PAGES || query.address & ~PAGE_MASK ||
	    query.address > TASK_SIZE - query.pages * PAGE_SIZE)
		return -EINVAL;
	range.dev_private_owner = owner_of(query.frame);
	if (!range.dev_private_owner)
		return -ENXIO;
	range.start = query.address;
	range.end = query.address + query.pages * PAGE_SIZE;
	frames = kvcalloc(query.pages, sizeof(*frames), GFP_KERNEL);
	if (!frames)
		return -ENOMEM;
	range.hmm_pfns = frames;
	result = mmu_interval_notifier_insert(&notifier, current->mm, range.start, range.end - range.start,
					      &notifier_ops);
	if (!result) {
		result = walk(&range);
		mmu_interval_notifier_remove(&notifier);
	}
	for (index = 0; !result && index < query.pages; index++) {
		__u64 frame = frames[index] & HMM_PFN_VALID ? page_to_pfn(hmm_pfn_to_page(frames[index])) : 0;

		if (put_user(frame, (__u64 __user *)(uintptr_t)query.frames + index))
			result = -EFAULT;
	}
	kvfree(frames);
	return result;
}

static const struct file_operations query_operations = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = query_ioctl,
};

static struct miscdevice query_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "hmm_pfns",
	.fops = &query_operations,
	.mode = 0600,
};

module_misc_device(query_device);

MODULE_DESCRIPTION("what hmm_range_fault() reports of a process' own memory");
MODULE_LICENSE("GPL");
