// SPDX-License-Identifier: GPL-2.0-only
/* The program itself, on a machine without the module: words and exit status. */
#include <fcntl.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

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
	{ "help", 0, "  watch    PID...", NULL },
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
	{ "watch -5", 2, NULL, "a process id is positive: -5" },
	{ "watch -- -5", 2, NULL, "a process id is positive: '-5'" },
	{ "watch abc", 2, NULL, "not a process id: 'abc'" },
	{ "watch 12abc", 2, NULL, "not a process id: '12abc'" },
	{ "watch 0x10", 2, NULL, "not a process id: '0x10'" },
	{ "watch +5", 2, NULL, "not a process id: '+5'" },
	{ "watch 1.5", 2, NULL, "not a process id: '1.5'" },
	{ "watch 2147483648", 2, NULL, "too large for a process id: '2147483648'" },
	{ "watch 99999999999999999999", 2, NULL, "too large for a process id" },
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

	{ "maps --help", 0, "--raw", NULL },
	{ "maps", 2, NULL, "maps: which process?" },
	{ "maps 1 2", 2, NULL, "one process at a time: '2'" },
	{ "maps --raw --json 1", 2, NULL, "--raw and --json exclude each other" },
	{ "maps -7", 2, NULL, "a process id is positive: -7" },
	{ "maps 0", 2, NULL, "no process has the id 0" },
	{ "maps --raw 1", 1, NULL, "maps: the vasmon module is not loaded" },
	{ "maps --json 1", 1, NULL, "not loaded" },

	{ "list --help", 0, "exit status", NULL },
	{ "list 1", 2, NULL, "list: takes no argument" },
	{ "list -x", 2, NULL, "unknown option -x" },
	{ "list", 1, NULL, "list: the vasmon module is not loaded" },
};

/* Whether the module would change the answer. */
static bool needs_absence(const struct cmdline_case *c)
{
	return (c->err && strstr(c->err, "not loaded")) || (c->out && strstr(c->out, "not loaded"));
}

static void read_all(int fd, char *text, size_t room)
{
	size_t len = 0;
	ssize_t n;

	while (len + 1 < room && (n = read(fd, text + len, room - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(fd);
}

static void run(const struct cmdline_case *c, const char *program)
{
	static char out_text[16384], err_text[16384];
	char copy[256], *argv[16] = { (char *)program }, *word, *rest = copy;
	int n = 1, out[2], err[2], status;
	pid_t pid;

	snprintf(copy, sizeof(copy), "%s", c->args);
	while ((word = strtok_r(rest, " ", &rest)))
		argv[n++] = word;
	argv[n] = NULL;
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(out[1], 1);
		dup2(err[1], 2);
		execv(program, argv);
		_exit(127);
	}
	close(out[1]);
	close(err[1]);
	/* Neither is larger than a pipe, so one after the other will do. */
	read_all(out[0], out_text, sizeof(out_text));
	read_all(err[0], err_text, sizeof(err_text));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != c->status)
		fail_msg("'%s' ended with 0x%x, not %d: %s", c->args, status, c->status, err_text);
	if (c->out ? !strstr(out_text, c->out) : *out_text)
		fail_msg("'%s' printed: %s", c->args, out_text);
	if (c->err ? !strstr(err_text, c->err) : *err_text)
		fail_msg("'%s' said: %s", c->args, err_text);
}

static void test_table(void **state)
{
	const char *program = getenv("VASMON_CLIENT");
	size_t i;

	(void)state;
	assert_non_null(program);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* Where the module is loaded, these would do what they are told. */
		if (!access("/sys/module/vasmon", F_OK) && needs_absence(&cases[i]))
			continue;
		run(&cases[i], program);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests_name("cmdline", tests, NULL, NULL);
}
