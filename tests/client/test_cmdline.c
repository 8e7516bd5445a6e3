// SPDX-License-Identifier: GPL-2.0-only
/* The program itself, on a machine without the module: words and exit status. */
#include <stdbool.h>

#include "program.h"

struct cmdline_case {
	const char *args;	/* by blanks */
	int status;
	const char *out;	/* part of standard output, NULL: nothing at all */
	const char *err;	/* part of standard error, NULL: nothing at all */
};

static const struct cmdline_case cases[] = {
	{ "", 2, NULL, "usage: vasmon-client VERB" },
	{ "--help", 0, "exit status: 0 done; 1 error; 2 wrong usage; 42 no such process", NULL },
	{ "-h", 0, "verbs:", NULL },
	{ "help", 0, "  watch    Print each change", NULL },
	{ "help watch", 0, "usage: vasmon-client watch", NULL },
	{ "help maps list", 2, NULL, "help: one verb at a time" },
	{ "help nonsense", 2, NULL, "no such verb: 'nonsense'" },
	{ "help -x", 2, NULL, "help: unknown option -x" },
	{ "help --help", 0, "usage: vasmon-client help", NULL },
	{ "nonsense", 2, NULL, "no such verb: 'nonsense'\nTry 'vasmon-client --help'" },
	{ "--nonsense", 2, NULL, "unknown option --nonsense" },
	{ "--version", 0, "vasmon-client  " VASMON_CLIENT_VERSION "\n", NULL },
	{ "version", 0, "module         not loaded\n", NULL },
	{ "version x", 2, NULL, "version: takes no argument" },

	{ "watch --help", 0, "--duration=SECONDS", NULL },
	{ "watch -h 5", 0, "examples:", NULL },
	{ "watch", 2, NULL, "watch: which process? Its PID is missing\n"
	  "Try 'vasmon-client watch --help'.\n" },
	{ "watch 0", 2, NULL, "no process has the id 0" },
	{ "watch -5", 2, NULL, "a process id is positive: '-5'" },
	{ "watch -- -5", 2, NULL, "a process id is positive: '-5'" },
	{ "watch abc", 2, NULL, "not a process id: 'abc'\n"
	  "A command is watched from its beginning by: vasmon-client run -- abc\n" },
	{ "watch 12abc", 2, NULL, "not a process id: '12abc'" },
	{ "watch 0x10", 2, NULL, "not a process id: '0x10'" },
	{ "watch +5", 2, NULL, "not a process id: '+5'" },
	{ "watch 1.5", 2, NULL, "not a process id: '1.5'" },
	{ "watch 2147483648", 2, NULL, "too large for a process id: '2147483648'" },
	{ "watch 99999999999999999999", 2, NULL, "too large for a process id" },
	{ "watch -p", 2, NULL, "-p needs an argument" },
	{ "watch -p abc", 2, NULL, "not a process id: 'abc'" },
	{ "watch -p 1 -p 1", 2, NULL, "process 1 is given twice" },
	{ "watch 1 -q -p1", 2, NULL, "process 1 is given twice" },
	{ "watch -fp 1 --pid=2", 1, NULL, "not loaded" },
	{ "run -p 1 true", 2, NULL, "-p is for what runs already: watch -p 1" },
	{ "record -p 1 -o /dev/null -- true", 2, NULL, "one process at a time: 'true'" },
	{ "stat -p 1 2", 2, NULL, "one process at a time: '2'" },
	{ "watch 1 1", 2, NULL, "process 1 is given twice" },
	{ "watch --nonsense 1", 2, NULL, "unknown option --nonsense" },
	{ "watch -x 1", 2, NULL, "unknown option -x" },
	{ "watch -qx 1", 2, NULL, "unknown option -x" },
	{ "watch --json=yes 1", 2, NULL, "--json=yes takes no argument" },
	{ "watch --color 1", 2, NULL, "--color is auto, always or never, not '1'" },
	{ "watch 1 --color", 2, NULL, "--color needs an argument" },
	{ "watch --color=red 1", 2, NULL, "--color is auto, always or never, not 'red'" },
	{ "watch --duration=0 1", 2, NULL, "not a number of seconds above 0: '0'" },
	{ "watch --duration=-1 1", 2, NULL, "not a number of seconds above 0: '-1'" },
	{ "watch --duration=1s 1", 2, NULL, "not a number of seconds above 0: '1s'" },
	{ "watch --duration=. 1", 2, NULL, "not a number of seconds above 0: '.'" },
	{ "watch --duration=inf 1", 2, NULL, "not a number of seconds above 0: 'inf'" },
	{ "watch --duration=1e9 1", 2, NULL, "not a number of seconds above 0: '1e9'" },
	{ "watch --duration=99999999999 1", 2, NULL, "longer than a year" },
	{ "watch --count=0 1", 2, NULL, "not a count above 0: '0'" },
	{ "watch --count=x 1", 2, NULL, "not a count above 0: 'x'" },
	{ "watch --count=99999999999999999999 1", 2, NULL, "too large a count" },
	{ "watch --co=5 1", 2, NULL, "unknown option --co=5" },	/* color or count? */
	{ "watch 1", 1, NULL, "watch: the vasmon module is not loaded\nLoad the module: " },
	{ "watch -q --json --duration .5 --count 3 --color=never 1 2", 1, NULL, "not loaded" },
	{ "watch 1 -q", 1, NULL, "not loaded" },
	{ "watch -f --lossless --ring-size 64K 1", 1, NULL, "not loaded" },
	{ "watch --follow --ring-size=64m 1", 1, NULL, "not loaded" },
	{ "watch --ring-size 65536 1", 1, NULL, "not loaded" },
	{ "watch --ring-size 65535 1", 2, NULL,
	  "a ring has 65536 to 67108864 bytes (64K to 64M), not '65535'" },
	{ "watch --ring-size 65M 1", 2, NULL, "a ring has 65536 to 67108864 bytes" },
	{ "watch --ring-size 99999999999999999999999 1", 2, NULL, "a ring has 65536" },
	{ "watch --ring-size 18446744073709617152 1", 2, NULL, "a ring has 65536" },
	{ "watch --ring-size 0 1", 2, NULL, "a ring has 65536" },
	{ "watch --ring-size M 1", 2, NULL, "not a size in bytes, or with K or M: 'M'" },
	{ "watch --ring-size 1G 1", 2, NULL, "a ring has 65536" },
	{ "watch --ring-size 17592186044416T 1", 2, NULL, "a ring has 65536" },
	{ "watch --ring-size 1MB 1", 2, NULL, "not a size in bytes" },
	{ "watch --ring-size -1 1", 2, NULL, "not a size in bytes" },
	{ "watch --ring-size 64.5K 1", 2, NULL, "not a size in bytes" },
	{ "watch --ring-size= 1", 2, NULL, "not a size in bytes" },

	{ "watch -t --json 1", 2, NULL, "-t and -r are for text: JSON has the time as ts" },
	{ "watch -r --json 1", 2, NULL, "-t and -r are for text" },
	{ "watch -o /nonexistent/x 1", 1, NULL, "cannot write /nonexistent/x: No such file" },
	{ "watch -o / 1", 1, NULL, "cannot write /: Is a directory\nChoose another file" },
	{ "watch -ttt -q -o /dev/null 1", 1, NULL, "not loaded" },

	{ "watch -e nonsense 1", 2, NULL, "no such kind of change: 'nonsense'\n"
	  "There are: map, unmap, move, grow, " },
	{ "watch -e map,,brk 1", 2, NULL, "a word is missing in 'map,,brk'" },
	{ "watch -e ! 1", 2, NULL, "a word is missing in '!'" },
	{ "watch -e unmap,mmap 1", 2, NULL, "no such kind of change: 'mmap'\nThere are: " },
	{ "watch -e mmap 1", 2, NULL, "exit\nFor a cause: -e 'cause=mmap'\n" },
	{ "watch -e heap 1", 2, NULL, "exit\nFor a kind of region: -e 'region=heap'\n" },
	{ "watch -e trace=mmap,brk 1", 2, NULL, "For system calls: -e 'cause=mmap,brk'\n" },
	{ "watch -e !cause=mmap 1", 2, NULL, "The ! stands before the list: cause=!mmap" },
	{ "watch -e cause=nonsense 1", 2, NULL, "no such cause, or system call: 'nonsense'" },
	{ "watch -e region=nonsense 1", 2, NULL,
	  "no such kind of region: 'nonsense'\nThere are: " },
	{ "watch -e size=5 1", 2, NULL, "there is kind=, cause= and region=, and not 'size=5'" },
	{ "watch --min-size 0 1", 2, NULL, "not a size in bytes, or with K, M or G: '0'" },
	{ "watch --min-size 1X 1", 2, NULL, "not a size in bytes" },
	{ "watch --min-size 99999999T 1", 2, NULL, "too large a size: '99999999T'" },
	{ "watch --range 7f00 1", 2, NULL, "not a range of addresses, as 7f00-7f80: '7f00'" },
	{ "watch --range 7f80-7f00 1", 2, NULL, "the range '7f80-7f00' is empty" },
	{ "watch --range x-7f00 1", 2, NULL, "not an address in hex: 'x'" },
	{ "watch --tid 1,x 1", 2, NULL, "not a thread id: 'x'" },
	{ "watch --tid 0 1", 2, NULL, "not a thread id: '0'" },
	{ "watch -e map,!brk 1", 2, NULL, "no such kind of change: '!brk'" },
	{ "watch -e !map,brk -e cause=mmap,fault -e region=!heap --min-size 1M 1", 1, NULL,
	  "not loaded" },
	{ "watch --range 0-0xff --tid 1,2 --path *.so 1", 1, NULL, "not loaded" },

	{ "run --help", 0, "usage: vasmon-client run [OPTION]... [--] COMMAND [ARG]...", NULL },
	{ "run", 2, NULL, "run: which command? It is missing" },
	{ "run -q --", 2, NULL, "run: which command? It is missing" },
	{ "run -x true", 2, NULL, "unknown option -x" },
	{ "run true -x --nonsense", 1, NULL, "run: the vasmon module is not loaded" },
	{ "run -fqtt --count 3 -o /dev/null -- true", 1, NULL, "not loaded" },
	{ "run -o /nonexistent/x true", 1, NULL, "cannot write /nonexistent/x: No such file" },

	{ "record --help", 0, "--output=FILE", NULL },
	{ "record -o /dev/null -- true -x", 1, NULL, "record: the vasmon module is not loaded" },
	{ "record -o /dev/null --", 2, NULL, "which process? Its PID is missing" },
	{ "record", 2, NULL, "record: where to? -o FILE is missing" },
	{ "record 1", 2, NULL, "record: where to? -o FILE is missing" },
	{ "record -o", 2, NULL, "-o needs an argument" },
	{ "record -o /nonexistent/x", 2, NULL, "which process? Its PID is missing" },
	{ "record -o /nonexistent/x 1 2", 2, NULL, "one process at a time: '2'\n"
	  "A command goes behind a --." },
	{ "record -o /nonexistent/x 0", 2, NULL, "no process has the id 0" },
	{ "record -o /nonexistent/x 1", 1, NULL,
	  "cannot write /nonexistent/x: No such file or directory\nChoose another file" },
	{ "record -o / 1", 1, NULL, "cannot write /: Is a directory" },
	{ "record -q -f --lossless --count 1 --duration 1 --ring-size 1M -o /dev/null 1", 1, NULL,
	  "record: the vasmon module is not loaded" },

	{ "replay --help", 0, "--maps-at=SEQ", NULL },
	{ "replay", 2, NULL, "which recording? Its FILE is missing" },
	{ "replay a b", 2, NULL, "one recording at a time: 'b'" },
	{ "replay --maps --json a", 2, NULL, "--maps, --maps-at and --json exclude each other" },
	{ "replay --maps --maps-at 1 a", 2, NULL, "exclude each other" },
	{ "replay -t --json a", 2, NULL, "-t and -r are for text" },
	{ "replay --maps-at x a", 2, NULL, "not the number of an event: 'x'" },
	{ "replay --maps-at -1 a", 2, NULL, "not the number of an event: '-1'" },
	{ "replay --pid 0 a", 2, NULL, "no process has the id 0" },
	{ "replay /nonexistent/x", 1, NULL, "cannot open /nonexistent/x: No such file" },
	{ "replay /dev/null", 1, NULL, "/dev/null is empty" },
	{ "replay /proc/self/exe", 1, NULL, "/proc/self/exe is not a recording" },
	{ "replay -e map a b", 2, NULL, "one recording at a time" },
	{ "replay -e map --nonsense a", 2, NULL, "unknown option" },
	{ "stat -e map --nonsense a", 2, NULL, "unknown option" },
	{ "replay /", 1, NULL, "cannot read /: Is a directory" },

	{ "stat --help", 0, "stat [OPTION]... PID | -i FILE | -- COMMAND [ARG]...", NULL },
	{ "stat", 2, NULL, "stat: which process? Its PID is missing" },
	{ "stat 1 2", 2, NULL, "one process at a time: '2'\nA command goes behind a --." },
	{ "stat -i a 1", 2, NULL, "either a recording, or '1'" },
	{ "stat -i a -f", 2, NULL, "are not for a recording" },
	{ "stat -i a -k", 2, NULL, "-k tells who leaks: it goes with --leaks" },
	{ "stat -i /nonexistent/x -k --leaks", 1, NULL, "cannot open /nonexistent/x" },
	{ "stat ./a", 2, NULL, "not a process id: './a'\n"
	  "A command is watched from its beginning by: vasmon-client stat -- ./a\n" },
	{ "stat -k 1", 2, NULL, "-k tells who leaks: it goes with --leaks" },
	{ "stat -k --leaks 1", 1, NULL, "not loaded" },
	{ "stat --interval 0 1", 2, NULL, "not a number of seconds above 0: '0'" },
	{ "stat -t 1", 2, NULL, "unknown option -t" },
	{ "stat -i /nonexistent/x", 1, NULL, "cannot open /nonexistent/x: No such file" },
	{ "stat -i /dev/null", 1, NULL, "/dev/null is empty" },
	{ "stat -f --leaks --interval 1 --duration 1 --json -e map 1", 1, NULL, "not loaded" },
	{ "stat -o /dev/null -- true", 1, NULL, "stat: the vasmon module is not loaded" },

	{ "diff --help", 0, "usage: vasmon-client diff [OPTION]... A B", NULL },
	{ "diff", 2, NULL, "diff: two maps are to be given, A and B, not 0" },
	{ "diff a", 2, NULL, "two maps are to be given, A and B, not 1" },
	{ "diff a b c", 2, NULL, "two maps are to be given, A and B, not 3" },
	{ "diff /nonexistent/x /nonexistent/y", 1, NULL, "cannot open /nonexistent/x: No such" },
	{ "diff /nonexistent/x@5 1", 1, NULL, "cannot open /nonexistent/x: No such" },
	{ "diff /proc/self/maps@5 1", 2, NULL, "/proc/self/maps is no recording: there is no @5" },
	{ "diff /proc/self/exe 1", 1, NULL, "/proc/self/exe is no map: neither what maps --json" },
	{ "diff /dev/null 1", 1, NULL, "/dev/null is no map" },
	{ "diff 0 1", 2, NULL, "no process has the id 0" },
	{ "diff --json /proc/self/maps /proc/self/maps", 0,
	  "\"type\":\"diff\",\"from\":{\"source\":\"/proc/self/maps\"", NULL },
	{ "diff 1 2", 1, NULL, "diff: the vasmon module is not loaded" },

	{ "maps --help", 0, "--raw", NULL },
	{ "maps", 2, NULL, "maps: which process?" },
	{ "maps 1 2 3", 2, NULL, "one process and one address at a time: '3'" },
	{ "maps 1 0xg", 2, NULL, "not an address in hex: '0xg'" },
	{ "maps 1 0x", 2, NULL, "not an address in hex" },
	{ "maps --summary --gaps 1", 2, NULL, "--summary goes with neither" },
	{ "maps --summary 1 2", 2, NULL, "--summary goes with neither" },
	{ "maps --raw --json 1", 2, NULL, "--raw goes with nothing else" },
	{ "maps -7", 2, NULL, "a process id is positive: '-7'" },
	{ "maps 0", 2, NULL, "no process has the id 0" },
	{ "maps --raw 1", 1, NULL, "maps: the vasmon module is not loaded" },
	{ "maps --json 1", 1, NULL, "not loaded" },
	{ "maps --json -o /nonexistent/x 1", 1, NULL, "not loaded" },
	{ "maps -x --help", 0, "--output=FILE", NULL },

	{ "mark --help", 0, "usage: vasmon-client mark PID TEXT...", NULL },
	{ "mark", 2, NULL, "mark: a PID and a TEXT are to be given" },
	{ "mark 1", 2, NULL, "a PID and a TEXT are to be given" },
	{ "mark x text", 2, NULL, "not a process id: 'x'" },
	{ "mark -x 1 text", 2, NULL, "unknown option -x" },
	{ "mark 1 -x text", 1, NULL, "mark: the vasmon module is not loaded" },

	{ "list --help", 0, "exit status", NULL },
	{ "list 1", 2, NULL, "list: takes no argument" },
	{ "list -x", 2, NULL, "unknown option -x" },
	{ "list", 1, NULL, "list: the vasmon module is not loaded" },
	{ "list --json --color=never -o /dev/null", 1, NULL, "not loaded" },
	{ "list --color=red", 2, NULL, "--color is auto, always or never, not 'red'" },
};

/* Whether the module would change the answer. */
static bool needs_absence(const struct cmdline_case *c)
{
	return (c->err && strstr(c->err, "not loaded")) || (c->out && strstr(c->out, "not loaded"));
}

static void test_table(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* Where the module is loaded, these would do what they are told. */
		if (!access("/sys/module/vasmon", F_OK) && needs_absence(&cases[i]))
			continue;
		program_check(cases[i].args, cases[i].status, cases[i].out, cases[i].err);
	}
}

/* Nothing that is opened later may take the place of a closed output. */
static void test_closed_output(void **state)
{
	const char *program = getenv("VASMON_CLIENT");
	int status, err[2];
	char said[1024];
	pid_t pid;

	(void)state;
	assert_non_null(program);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(err[1], 2);
		close(1);
		execl(program, program, "version", NULL);
		_exit(127);
	}
	close(err[1]);
	program_read(err[0], said, sizeof(said));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	if (!strstr(said, "cannot write: Bad file descriptor"))
		fail_msg("it said: %s", said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_closed_output),
	};

	return cmocka_run_group_tests_name("cmdline", tests, NULL, NULL);
}
