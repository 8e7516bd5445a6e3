// SPDX-License-Identifier: GPL-2.0-only
/* One VMA, and what is said of it. */
#include <kunit/test.h>
#include <linux/mm.h>

#include "region.h"

struct prot_case {
	const char *name;	/* as /proc/PID/maps has it */
	unsigned long vm_flags;
	u32 prot;
};

static const struct prot_case prot_cases[] = {
	{ "---p", 0, 0 },
	{ "r--p", VM_READ, VASMON_PROT_READ },
	{ "-w-p", VM_WRITE, VASMON_PROT_WRITE },
	{ "--xp", VM_EXEC, VASMON_PROT_EXEC },
	{ "---s", VM_MAYSHARE, VASMON_PROT_SHARED },
	{ "rwxs", VM_READ | VM_WRITE | VM_EXEC | VM_MAYSHARE,
	  VASMON_PROT_READ | VASMON_PROT_WRITE | VASMON_PROT_EXEC | VASMON_PROT_SHARED },
	/* A file that was opened to be read only, mapped MAP_SHARED: maps says s. */
	{ "r--s of a file that cannot be written", VM_READ | VM_MAYSHARE,
	  VASMON_PROT_READ | VASMON_PROT_SHARED },
	/* What it might become is not what it is. */
	{ "---p that may be all", VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC, 0 },
};

KUNIT_ARRAY_PARAM_DESC(prot, prot_cases, name);

static void prot_is_that_of_maps(struct kunit *test)
{
	const struct prot_case *param = test->param_value;

	KUNIT_EXPECT_EQ(test, vasmon_region_prot(param->vm_flags), param->prot);
}

struct trait_case {
	const char *name;
	unsigned long vm_flag;	/* 0 where this kernel lacks it */
	u64 trait;
};

/* Written out once more, and in the order of the protocol: each has its own bit. */
static const struct trait_case trait_cases[] = {
	{ "grows-down", VM_GROWSDOWN, VASMON_TRAIT_GROWS_DOWN },
	{ "locked", VM_LOCKED, VASMON_TRAIT_LOCKED },
	{ "lock-on-fault", VM_LOCKONFAULT, VASMON_TRAIT_LOCK_ON_FAULT },
	{ "io", VM_IO, VASMON_TRAIT_IO },
	{ "pfn", VM_PFNMAP, VASMON_TRAIT_PFN },
	{ "mixed", VM_MIXEDMAP, VASMON_TRAIT_MIXED },
	{ "hugetlb", VM_HUGETLB, VASMON_TRAIT_HUGETLB },
	{ "huge", VM_HUGEPAGE, VASMON_TRAIT_HUGE },
	{ "no-huge", VM_NOHUGEPAGE, VASMON_TRAIT_NO_HUGE },
	{ "mergeable", VM_MERGEABLE, VASMON_TRAIT_MERGEABLE },
	{ "dont-fork", VM_DONTCOPY, VASMON_TRAIT_DONT_FORK },
	{ "wipe-on-fork", VM_WIPEONFORK, VASMON_TRAIT_WIPE_ON_FORK },
	{ "dont-expand", VM_DONTEXPAND, VASMON_TRAIT_DONT_EXPAND },
	{ "dont-dump", VM_DONTDUMP, VASMON_TRAIT_DONT_DUMP },
	{ "no-reserve", VM_NORESERVE, VASMON_TRAIT_NO_RESERVE },
	{ "sequential", VM_SEQ_READ, VASMON_TRAIT_SEQUENTIAL },
	{ "random", VM_RAND_READ, VASMON_TRAIT_RANDOM },
	{ "sync", VM_SYNC, VASMON_TRAIT_SYNC },
	{ "uffd-missing", VM_UFFD_MISSING, VASMON_TRAIT_UFFD_MISSING },
	{ "uffd-wp", VM_UFFD_WP, VASMON_TRAIT_UFFD_WP },
	{ "uffd-minor", VM_UFFD_MINOR, VASMON_TRAIT_UFFD_MINOR },
	{ "sealed", VM_SEALED, VASMON_TRAIT_SEALED },
	{ "shadow-stack", VM_SHADOW_STACK, VASMON_TRAIT_SHADOW_STACK },
	{ "droppable", VM_DROPPABLE, VASMON_TRAIT_DROPPABLE },
};

KUNIT_ARRAY_PARAM_DESC(trait, trait_cases, name);

static void trait_of_one_flag(struct kunit *test)
{
	const struct trait_case *param = test->param_value;

	if (!param->vm_flag)
		kunit_skip(test, "this kernel has no such flag");
	KUNIT_EXPECT_EQ(test, vasmon_region_traits(param->vm_flag), param->trait);
	KUNIT_EXPECT_EQ(test, hweight64(param->trait), 1);
}

static void traits_of_all_flags(struct kunit *test)
{
	u64 all = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(trait_cases); i++)
		if (trait_cases[i].vm_flag)
			all |= trait_cases[i].trait;
	KUNIT_EXPECT_EQ(test, vasmon_region_traits(0), 0);
	KUNIT_EXPECT_EQ(test, vasmon_region_traits(VM_READ | VM_WRITE | VM_EXEC | VM_SHARED), 0);
	KUNIT_EXPECT_EQ(test, vasmon_region_traits(~0UL), all);
}

/* A VMA of no mm, with a file or a special mapping's name where the case has one. */
struct vma_fixture {
	struct vm_area_struct vma;
	struct file file;
	struct anon_vma_name *anon_name;
};

static const char *special_name(struct vm_area_struct *vma)
{
	return vma->vm_private_data;
}

static const struct vm_operations_struct named_ops = { .name = special_name };
static const struct vm_operations_struct nameless_ops;

static int vma_fixture_init(struct kunit *test)
{
	struct vma_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	static const char name[] = "arena 1";

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->anon_name = kunit_kzalloc(test, struct_size(f->anon_name, name, sizeof(name)),
				     GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f->anon_name);
	memcpy(f->anon_name->name, name, sizeof(name));
	f->vma.vm_start = 0x7f0000001000;
	f->vma.vm_end = 0x7f0000003000;
	f->vma.vm_pgoff = 5;
	test->priv = f;
	return 0;
}

struct name_case {
	const char *name;
	bool file;
	const char *special;	/* of vm_ops->name(), where @ops */
	bool ops;
	bool anon;
	enum vasmon_name_type type;
	const char *text;
};

/* In the order of get_vma_name(): what comes first wins. */
static const struct name_case name_cases[] = {
	{ .name = "anonymous", .type = VASMON_NAME_TYPE_NONE },
	{ .name = "file", .file = true, .type = VASMON_NAME_TYPE_FILE },
	{ .name = "file whose mapping has operations", .file = true, .ops = true,
	  .special = "never asked", .type = VASMON_NAME_TYPE_FILE },
	{ .name = "shared anonymous memory with a name", .file = true, .anon = true,
	  .type = VASMON_NAME_TYPE_ANON_SHMEM, .text = "arena 1" },
	{ .name = "special mapping", .ops = true, .special = "[vdso]",
	  .type = VASMON_NAME_TYPE_SPECIAL, .text = "[vdso]" },
	{ .name = "special mapping before a name of its own", .ops = true, .anon = true,
	  .special = "[vvar]", .type = VASMON_NAME_TYPE_SPECIAL, .text = "[vvar]" },
	{ .name = "operations that know no name", .ops = true, .type = VASMON_NAME_TYPE_NONE },
	{ .name = "operations that know no name, and a name", .ops = true, .anon = true,
	  .type = VASMON_NAME_TYPE_ANON, .text = "arena 1" },
	{ .name = "anonymous with a name", .anon = true, .type = VASMON_NAME_TYPE_ANON,
	  .text = "arena 1" },
};

KUNIT_ARRAY_PARAM_DESC(name, name_cases, name);

static void name_type_in_the_order_of_maps(struct kunit *test)
{
	const struct name_case *param = test->param_value;
	struct vma_fixture *f = test->priv;
	const char *text = NULL;

	if (param->anon && !IS_ENABLED(CONFIG_ANON_VMA_NAME))
		kunit_skip(test, "this kernel has no CONFIG_ANON_VMA_NAME");
	f->vma.vm_file = param->file ? &f->file : NULL;
	f->vma.vm_ops = param->ops ? &named_ops : NULL;
	f->vma.vm_private_data = (void *)param->special;
#ifdef CONFIG_ANON_VMA_NAME
	f->vma.anon_name = param->anon ? f->anon_name : NULL;
#endif
	KUNIT_EXPECT_EQ(test, vasmon_region_name_type(&f->vma, &text), param->type);
	KUNIT_EXPECT_STREQ(test, text ?: "none", param->text ?: "none");
	/* It must not say that there can be none where there is one. */
	if (text)
		KUNIT_EXPECT_TRUE(test, vasmon_region_may_have_text(&f->vma));
	if (!param->ops && !param->anon)
		KUNIT_EXPECT_FALSE(test, vasmon_region_may_have_text(&f->vma));
}

static void from_vma_anonymous(struct kunit *test)
{
	struct vma_fixture *f = test->priv;
	struct vasmon_region r;

	vm_flags_init(&f->vma, VM_READ | VM_WRITE | VASMON_REGION_VM_IGNORED);
	vasmon_region_from_vma(&r, &f->vma);
	KUNIT_EXPECT_EQ(test, r.start, f->vma.vm_start);
	KUNIT_EXPECT_EQ(test, r.end, f->vma.vm_end);
	KUNIT_EXPECT_EQ(test, r.flags, VM_READ | VM_WRITE);
	/* maps shows an offset of 0, whatever vm_pgoff is. */
	KUNIT_EXPECT_EQ(test, r.pgoff, 0);
	KUNIT_EXPECT_NULL(test, r.backing);
	KUNIT_EXPECT_NULL(test, r.anon_name);
}

static void from_vma_file(struct kunit *test)
{
	struct vma_fixture *f = test->priv;
	struct vasmon_region r;

	f->vma.vm_file = &f->file;
	f->vma.vm_ops = &named_ops;
	f->vma.vm_private_data = f;
	vasmon_region_from_vma(&r, &f->vma);
	KUNIT_EXPECT_EQ(test, r.pgoff, 5);
	KUNIT_EXPECT_PTR_EQ(test, r.backing, (const void *)&f->file);
}

/* [vdso] and the like: told apart by what they map. */
static void from_vma_special(struct kunit *test)
{
	struct vma_fixture *f = test->priv;
	struct vasmon_region r;

	f->vma.vm_ops = &named_ops;
	f->vma.vm_private_data = f;
	vasmon_region_from_vma(&r, &f->vma);
	KUNIT_EXPECT_EQ(test, r.pgoff, 0);
	KUNIT_EXPECT_PTR_EQ(test, r.backing, (const void *)f);
	f->vma.vm_ops = &nameless_ops;
	vasmon_region_from_vma(&r, &f->vma);
	KUNIT_EXPECT_NULL(test, r.backing);
}

static const struct vasmon_region one = {
	.start = 0x1000, .end = 0x3000, .flags = VM_READ, .pgoff = 1,
	.backing = &one, .anon_name = &one,
};

struct equal_case {
	const char *name;
	struct vasmon_region r;
	bool equal;
};

static const struct equal_case equal_cases[] = {
	{ "all", { 0x1000, 0x3000, VM_READ, 1, &one, &one }, true },
	{ "all but start", { 0x2000, 0x3000, VM_READ, 1, &one, &one } },
	{ "all but end", { 0x1000, 0x2000, VM_READ, 1, &one, &one } },
	{ "all but flags", { 0x1000, 0x3000, VM_WRITE, 1, &one, &one } },
	{ "all but offset", { 0x1000, 0x3000, VM_READ, 2, &one, &one } },
	{ "all but file", { 0x1000, 0x3000, VM_READ, 1, NULL, &one } },
	{ "all but name", { 0x1000, 0x3000, VM_READ, 1, &one, NULL } },
};

KUNIT_ARRAY_PARAM_DESC(equal, equal_cases, name);

static void equal_in_each_member(struct kunit *test)
{
	const struct equal_case *param = test->param_value;

	KUNIT_EXPECT_EQ(test, vasmon_region_equal(&one, &param->r), param->equal);
	KUNIT_EXPECT_EQ(test, vasmon_region_equal(&param->r, &one), param->equal);
}

static struct kunit_case vasmon_region_cases[] = {
	KUNIT_CASE_PARAM(prot_is_that_of_maps, prot_gen_params),
	KUNIT_CASE_PARAM(trait_of_one_flag, trait_gen_params),
	KUNIT_CASE(traits_of_all_flags),
	KUNIT_CASE_PARAM(name_type_in_the_order_of_maps, name_gen_params),
	KUNIT_CASE(from_vma_anonymous),
	KUNIT_CASE(from_vma_file),
	KUNIT_CASE(from_vma_special),
	KUNIT_CASE_PARAM(equal_in_each_member, equal_gen_params),
	{}
};

static struct kunit_suite vasmon_region_suite = {
	.name = "vasmon_region",
	.init = vma_fixture_init,
	.test_cases = vasmon_region_cases,
};

kunit_test_suite(vasmon_region_suite);
