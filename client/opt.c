// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <linux/vasmon.h>

#include "opt.h"

#define OPT_PROGRAM	"vasmon-client"

/* Say what is wrong with the command line. Return: the exit status for that. */
int opt_usage(const struct verb *verb, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: %s%s", OPT_PROGRAM, verb ? verb->name : "", verb ? ": " : "");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nTry '%s %s%s--help'.\n", OPT_PROGRAM, verb ? verb->name : "",
		verb ? " " : "");
	return EXIT_USAGE;
}

static void opt_help_line(FILE *to, int key, const char *name, const char *arg,
			  const char *help)
{
	char left[48];

	snprintf(left, sizeof(left), "%c%c%s --%s%s%s", key < 256 ? '-' : ' ',
		 key < 256 ? key : ' ', key < 256 ? "," : " ", name, arg ? "=" : "",
		 arg ? arg : "");
	fprintf(to, "  %-24s %s\n", left, help);
}

void opt_help(FILE *to, const struct verb *verb)
{
	const struct opt *o;

	fprintf(to, "usage: %s %s%s%s%s\n\n%s.\n\noptions:\n", OPT_PROGRAM, verb->name,
		verb->opts ? " [OPTION]..." : "", *verb->args ? " " : "", verb->args,
		verb->summary);
	for (o = verb->opts; o && o->name; o++) {
		/* For a command it is only known to be told where it belongs. */
		if (o->key != OPT_PROCESS || !verb->command)
			opt_help_line(to, o->key, o->name, o->arg, o->help);
	}
	opt_help_line(to, 'h', "help", NULL, "this text");
	if (verb->details)
		fprintf(to, "\n%s", verb->details);
	if (verb->examples)
		fprintf(to, "\nexamples:\n%s", verb->examples);
}

#define OPT_END		(-1)
#define OPT_ERROR	(-2)
#define OPT_HELP	'h'

struct opt_parser {
	const struct verb *verb;
	int argc;
	char **argv;
	struct option *longs;
	char *shorts;
};

/* Return: number of the first word that is no option. */
static int opt_end(struct opt_parser *p)
{
	free(p->longs);
	free(p->shorts);
	return optind;
}

/* Make getopt's tables. Return: 0, -ENOMEM. */
static int opt_begin(struct opt_parser *p, const struct verb *verb, int argc, char **argv)
{
	const struct opt *o;
	size_t n = 0, letters = 0;

	*p = (struct opt_parser){ .verb = verb, .argc = argc, .argv = argv };
	for (o = verb->opts; o && o->name; o++)
		n++;
	p->longs = calloc(n + 2, sizeof(*p->longs));
	p->shorts = calloc(2 * n + 4, 1);
	if (!p->longs || !p->shorts) {
		opt_end(p);
		return -ENOMEM;
	}
	/* A plus: it ends with the first word that is no option. */
	if (verb->command)
		p->shorts[letters++] = '+';
	/* A colon first: a missing argument is told from an unknown option. */
	p->shorts[letters++] = ':';
	p->shorts[letters++] = OPT_HELP;
	n = 0;
	p->longs[n++] = (struct option){ "help", no_argument, NULL, OPT_HELP };
	for (o = verb->opts; o && o->name; o++) {
		p->longs[n++] = (struct option){
			o->name, o->arg ? required_argument : no_argument, NULL, o->key
		};
		if (o->key > 255)
			continue;
		p->shorts[letters++] = (char)o->key;
		if (o->arg)
			p->shorts[letters++] = ':';
	}
	opterr = 0;
	optind = 0;
	return 0;
}

/*
 * What is not an option is moved to the end; after OPT_END it begins at optind. The
 * argument of an option is in optarg. Return: the option's key; OPT_END; OPT_ERROR
 * after telling what is wrong.
 */
static int opt_next(struct opt_parser *p)
{
	int next = optind ? optind : 1;
	int key = getopt_long(p->argc, p->argv, p->shorts, p->longs, NULL);
	const char *word;

	if (key == -1)
		return OPT_END;
	if (key != '?' && key != ':')
		return key;

	word = p->argv[optind > next ? optind - 1 : next];
	if (key == ':')
		opt_usage(p->verb, "%s needs an argument", word);
	else if (optopt > 0 && optopt < 256 && isdigit(optopt))
		opt_usage(p->verb, "a process id is positive: '%s'", word);
	else if (optopt > 0 && optopt < 256)
		opt_usage(p->verb, "unknown option -%c", optopt);
	else if (optopt)
		opt_usage(p->verb, "%s takes no argument", word);
	else
		opt_usage(p->verb, "unknown option %s", word);
	return OPT_ERROR;
}

/**
 * opt_read - read all options
 * @verb: whose they are
 * @argc: number of words, the verb itself included
 * @argv: the words; put in another order
 * @take: takes each one; NULL where the verb has none of its own
 * @arg: for @take
 * @first: number of the first word that is none
 *
 * Return: OPT_GO, or the exit status where nothing is left to do.
 */
int opt_read(const struct verb *verb, int argc, char **argv, opt_take_fn take, void *arg,
	     int *first)
{
	char **processes = calloc((size_t)argc, sizeof(*processes));
	int key, n = 0, status = OPT_GO;
	struct opt_parser p;

	if (!processes || opt_begin(&p, verb, argc, argv)) {
		fprintf(stderr, "%s: out of memory\n", OPT_PROGRAM);
		free(processes);
		return EXIT_ERROR;
	}
	while (status == OPT_GO && (key = opt_next(&p)) != OPT_END) {
		if (key == OPT_HELP) {
			opt_help(stdout, verb);
			status = EXIT_DONE;
		} else if (key == OPT_PROCESS && verb->command) {
			status = opt_usage(verb, "-p is for what runs already: watch -p %s",
					   optarg);
		} else if (key == OPT_PROCESS) {
			processes[n++] = optarg;
		} else if (key == OPT_ERROR || take(arg, key, optarg) != OPT_TAKEN) {
			status = EXIT_USAGE;
		}
	}
	*first = opt_end(&p);
	/* There is room before the arguments: that of the options. */
	while (n)
		argv[--*first] = processes[--n];
	free(processes);
	return status;
}

/* Words behind a -- are a command, where a verb takes one besides processes. */
bool opt_is_command(char **argv, int first)
{
	return argv[first] && !strcmp(argv[first - 1], "--");
}

/* Decimal digits and nothing else, up to @max. */
static int opt_number(const char *s, uint64_t max, uint64_t *v)
{
	char *end;

	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	errno = 0;
	*v = strtoull(s, &end, 10);
	if (*end)
		return -EINVAL;
	return errno || *v > max ? -ERANGE : 0;
}

bool opt_parse_pid(const struct verb *verb, const char *s, uint32_t *pid)
{
	uint64_t v = 0;
	int err = opt_number(s, INT_MAX, &v);

	if (*s == '-')
		opt_usage(verb, "a process id is positive: '%s'", s);
	else if (err == -ERANGE)
		opt_usage(verb, "too large for a process id: '%s'", s);
	else if (err)
		opt_usage(verb, "not a process id: '%s'", s);
	else if (!v)
		opt_usage(verb, "no process has the id 0");
	else
		*pid = (uint32_t)v;
	return !err && v;
}

bool opt_parse_colour(const struct verb *verb, const char *s, enum out_colour *colour)
{
	if (!strcmp(s, "auto"))
		*colour = OUT_COLOUR_AUTO;
	else if (!strcmp(s, "always"))
		*colour = OUT_COLOUR_ALWAYS;
	else if (!strcmp(s, "never"))
		*colour = OUT_COLOUR_NEVER;
	else
		return opt_usage(verb, "--color is auto, always or never, not '%s'", s), false;
	return true;
}

/* Seconds, with or without a fraction; a year is more than anybody waits. */
bool opt_parse_seconds(const struct verb *verb, const char *s, uint64_t *ns)
{
	size_t whole = strspn(s, "0123456789");
	size_t part = s[whole] == '.' ? strspn(s + whole + 1, "0123456789") : 0;
	bool ok = whole + part && !s[whole + (s[whole] == '.') + part];
	double v = ok ? strtod(s, NULL) : 0;

	if (!ok || v <= 0)
		return opt_usage(verb, "not a number of seconds above 0: '%s'", s), false;
	if (v > 366.0 * 24 * 3600)
		return opt_usage(verb, "longer than a year: '%s'", s), false;
	*ns = (uint64_t)(v * 1e9);
	return true;
}

bool opt_parse_count(const struct verb *verb, const char *s, uint64_t *count)
{
	int err = opt_number(s, UINT64_MAX, count);

	if (err == -ERANGE)
		return opt_usage(verb, "too large a count: '%s'", s), false;
	if (err || !*count)
		return opt_usage(verb, "not a count above 0: '%s'", s), false;
	return true;
}

/* Number of an event; 0 is before the first one. */
bool opt_parse_seq(const struct verb *verb, const char *s, uint64_t *seq)
{
	if (opt_number(s, UINT64_MAX, seq))
		return opt_usage(verb, "not the number of an event: '%s'", s), false;
	return true;
}

/* In hex, as maps shows them, with or without 0x. */
bool opt_parse_address(const struct verb *verb, const char *s, uint64_t *address)
{
	const char *digits = s[0] == '0' && (s[1] == 'x' || s[1] == 'X') ? s + 2 : s;
	size_t n = strspn(digits, "0123456789abcdefABCDEF");

	if (!n || digits[n] || n > 16)
		return opt_usage(verb, "not an address in hex: '%s'", s), false;
	*address = strtoull(digits, NULL, 16);
	return true;
}

/* Bytes, or units of them: K, M, G and T are powers of 1024. */
static int opt_bytes(const char *s, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	size_t len = strspn(s, "0123456789");
	const char *unit = s[len] ? strchr(units, toupper((unsigned char)s[len])) : NULL;
	unsigned int shift = unit ? 10 * (unsigned int)(unit - units + 1) : 0;

	if (!len || (s[len] && (!unit || s[len + 1])))
		return -EINVAL;
	errno = 0;
	*bytes = strtoull(s, NULL, 10);
	if (errno || *bytes > UINT64_MAX >> shift)
		return -ERANGE;
	*bytes <<= shift;
	return 0;
}

bool opt_parse_size(const struct verb *verb, const char *s, uint64_t *bytes)
{
	int err = opt_bytes(s, bytes);

	if (err == -ERANGE)
		return opt_usage(verb, "too large a size: '%s'", s), false;
	if (err || !*bytes)
		return opt_usage(verb, "not a size in bytes, or with K, M or G: '%s'", s), false;
	return true;
}

/* Two addresses in hex, as maps shows a region. */
bool opt_parse_range(const struct verb *verb, const char *s, uint64_t *start, uint64_t *end)
{
	size_t len = strcspn(s, "-");
	char first[20] = "";

	if (!s[len] || len >= sizeof(first))
		return opt_usage(verb, "not a range of addresses, as 7f00-7f80: '%s'", s), false;
	memcpy(first, s, len);
	if (!opt_parse_address(verb, first, start) || !opt_parse_address(verb, s + len + 1, end))
		return false;
	if (*start >= *end)
		return opt_usage(verb, "the range '%s' is empty", s), false;
	return true;
}

bool opt_parse_ring_size(const struct verb *verb, const char *s, uint32_t *bytes)
{
	uint64_t v = 0;
	int err = opt_bytes(s, &v);

	if (err == -EINVAL)
		return opt_usage(verb, "not a size in bytes, or with K or M: '%s'", s), false;
	if (err || v < VASMON_RING_SIZE_MIN || v > VASMON_RING_SIZE_MAX)
		return opt_usage(verb, "a ring has %d to %d bytes (64K to 64M), not '%s'",
				 VASMON_RING_SIZE_MIN, VASMON_RING_SIZE_MAX, s), false;
	*bytes = (uint32_t)v;
	return true;
}
