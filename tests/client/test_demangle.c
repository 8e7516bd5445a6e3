// SPDX-License-Identifier: GPL-2.0-only
/* Names of functions as compilers make them, and as people have them. */
#include "check.h"
#include "demangle.h"

static void test_names(void **state)
{
	static const struct {
		const char *name;
		const char *demangled;	/* NULL: it stays as it is */
	} table[] = {
		{ "main", NULL },
		{ "", NULL },
		{ "_", NULL },
		{ "_Z", NULL },
		{ "_R", NULL },
		{ "_start", NULL },
		{ "_ZN3foo3barEv", "foo::bar" },
		{ "_ZN3foo3barEi.constprop.0", "foo::bar" },
		{ "_ZNSt6vectorIiSaIiEE9push_backERKi",
		  "std::vector<int, std::allocator<int> >::push_back" },
		{ "_ZN12_GLOBAL__N_14workEv", "(anonymous namespace)::work" },
		{ "_Znwm", "operator new" },
		{ "_ZNK1AcvbEv", "A::operator bool" },
		/* Rust as it was, with a hash, and as it is */
		{ "_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE",
		  "core::fmt::Write::write_fmt" },
		{ "_ZN39_$LT$Test$u20$as$u20$mycrate..Trait$GT$3run17h930b740aa94f1d3aE",
		  "<Test as mycrate::Trait>::run" },
		{ "_RNvCs15kBYyAo9fc_7mycrate7example", "mycrate::example" },
		{ "_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar" },
		{ "_RNvMIC1aFG0_EuEl3foo", "<i32>::foo" },
		{ "_RNvMIC1aFGzz_EuEl3foo", "<i32>::foo" },
		/* for 2^64 lifetimes, where nothing is printed, and where all is */
		{ "_RNvMIC1aFGzzzzzzzzzz_EuEl3foo", NULL },
		{ "_RINvC1a3fooFGzzzzzzzzzz_EuE", NULL },
		/* not of either, though it begins so */
		{ "_Zq", NULL },
		{ "_ZN3foo", NULL },
		{ "_Rust", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char *name = demangle(table[i].name);

		if (!name != !table[i].demangled ||
		    (name && strncmp(name, table[i].demangled, strlen(table[i].demangled))))
			fail_msg("'%s' is '%s', not '%s'", table[i].name, name ? name : "itself",
				 table[i].demangled ? table[i].demangled : "itself");
		free(name);
	}
}

/* Each part of it stands for twice the one before: no memory would be enough. */
static void test_endless(void **state)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char name[2300], *at = name;
	int parts, i;

	(void)state;
	for (parts = 1; parts <= 34; parts++) {
		char *demangled;

		at = name + sprintf(name, "_Z1fI1AIiiE");
		for (i = 0; i < parts; i++)
			at += sprintf(at, "S0_IS%c_S%c_E", digits[i + 1],
				      digits[i + 1]);
		sprintf(at, "Evv");
		demangled = demangle(name);
		if (parts < 4)
			assert_true(demangled && strlen(demangled) > 12u << parts);
		if (parts > 9)
			assert_null(demangled);
		free(demangled);
	}
	/* and one that is as long as none is */
	memset(name, '_', sizeof(name) - 1);
	memcpy(name, "_Z2280", 6);
	name[sizeof(name) - 1] = '\0';
	assert_null(demangle(name));
}

/* So many times U+10400, of 4 bytes each, as a name in punycode has it. */
static char *test_word(char *at, int letters)
{
	at += sprintf(at, "u%dci8c", letters + 3);
	memset(at, 'a', letters - 1);
	at[letters - 1] = '\0';
	return at + letters - 1;
}

/* What libiberty keeps for such a word is freed, though the name becomes too long. */
static void test_punycode(void **state)
{
	static const char digits[] =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const int pairs = 30;
	char name[2048], *at, *demangled;
	int letters, i;

	(void)state;
	for (letters = 1023; letters <= 1025; letters++) {
		test_word(name + sprintf(name, "_RC"), letters);
		demangled = demangle(name);
		if (letters <= 1024)
			assert_true(demangled && strlen(demangled) == 4u * letters);
		else
			assert_null(demangled);
		free(demangled);
	}

	/* a pair of it, then a pair of that, and so on: 2^30 of it, each long enough */
	at = name + sprintf(name, "_RINvC1a1f");
	memset(at, 'T', pairs);
	at = test_word(at + pairs + sprintf(at + pairs, "NtC1a"), 1025);
	for (i = pairs + 8; i > 8; i--)
		at += sprintf(at, "B%c_E", digits[i - 1]);
	sprintf(at, "E");
	assert_null(demangle(name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_punycode),
	};

	return cmocka_run_group_tests_name("demangle", tests, NULL, NULL);
}
