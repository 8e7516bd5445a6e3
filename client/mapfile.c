// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "label.h"
#include "mapfile.h"
#include "words.h"

/* --- /proc/PID/maps. */

static bool mapfile_hex(const char **s, char end, uint64_t *v)
{
	char *rest;

	if (!strchr("0123456789abcdef", **s) || !**s)
		return false;
	*v = strtoull(*s, &rest, 16);
	*s = rest + (end && *rest == end);
	return !end || *rest == end;
}

static uint32_t mapfile_prot(const char *perms)
{
	return (perms[0] == 'r' ? VASMON_PROT_READ : 0) |
	       (perms[1] == 'w' ? VASMON_PROT_WRITE : 0) |
	       (perms[2] == 'x' ? VASMON_PROT_EXEC : 0) |
	       (perms[3] == 's' ? VASMON_PROT_SHARED : 0);
}

/* A newline in a path stands there as \012. */
static void mapfile_unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (!strncmp(s, "\\012", 4)) {
			*to++ = '\n';
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

/* What is in brackets was put there by the kernel, or is the name of memory. */
static void mapfile_name(struct region *r, char *name)
{
	static const struct {
		const char *before;
		enum vasmon_name_type type;
	} kinds[] = {
		{ "[anon:", VASMON_NAME_TYPE_ANON },
		{ "[anon_shmem:", VASMON_NAME_TYPE_ANON_SHMEM },
	};
	size_t i, len = strlen(name);

	r->name = name;
	if (!len)
		return;
	r->name_type = *name == '[' ? VASMON_NAME_TYPE_SPECIAL : VASMON_NAME_TYPE_FILE;
	if (*name != '[')
		mapfile_unescape(name);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strncmp(name, kinds[i].before, strlen(kinds[i].before)) || name[len - 1] != ']')
			continue;
		name[len - 1] = '\0';
		r->name = name + strlen(kinds[i].before);
		r->name_type = kinds[i].type;
	}
}

static int mapfile_line(char *line, struct space *space)
{
	struct region r = { .name = "" };
	const char *s = line;
	uint64_t major, minor;
	char *rest;

	if (!mapfile_hex(&s, '-', &r.start) || !mapfile_hex(&s, ' ', &r.end) ||
	    strspn(s, "rwxps-") != 4 || s[4] != ' ')
		return -EBADMSG;
	r.prot = mapfile_prot(s);
	s += 5;
	if (!mapfile_hex(&s, ' ', &r.offset) || !mapfile_hex(&s, ':', &major) ||
	    !mapfile_hex(&s, ' ', &minor))
		return -EBADMSG;
	r.dev_major = (uint32_t)major;
	r.dev_minor = (uint32_t)minor;
	r.inode = strtoull(s, &rest, 10);
	if (rest == s || (*rest && *rest != ' '))
		return -EBADMSG;
	mapfile_name(&r, rest + strspn(rest, " "));
	/* It belongs to no process. */
	if (!strcmp(r.name, "[vsyscall]"))
		return 0;
	return space_append(space, &r);
}

static int mapfile_text(char *text, struct space *space)
{
	char *line, *rest = text;
	int err = 0;

	while (!err && (line = strsep(&rest, "\n"))) {
		if (*line)
			err = mapfile_line(line, space);
	}
	return err ? err : space->n ? 0 : -EBADMSG;
}

/* --- JSON. */

static const char *mapfile_string(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) &&
	       json_object_is_type(v, json_type_string) ? json_object_get_string(v) : NULL;
}

/* Addresses are strings, counts are numbers. */
static bool mapfile_number(struct json_object *o, const char *key, uint64_t *to)
{
	const char *s = mapfile_string(o, key);
	struct json_object *v;
	char *rest;

	if (s) {
		*to = strtoull(s, &rest, 16);
		return !*rest;
	}
	if (!json_object_object_get_ex(o, key, &v) || !json_object_is_type(v, json_type_int))
		return false;
	*to = json_object_get_uint64(v);
	return true;
}

/* The bytes of a name, by the rule in JSON.md; to be freed. */
static char *mapfile_bytes(struct json_object *o, const char *key, const char *key_hex)
{
	const char *hex = mapfile_string(o, key_hex), *s = mapfile_string(o, key);
	size_t len = hex ? strlen(hex) / 2 : 0, i;
	char *bytes;

	if (!hex)
		return strdup(s ? s : "");
	bytes = calloc(len + 1, 1);
	for (i = 0; bytes && i < len; i++) {
		char digits[3] = { hex[2 * i], hex[2 * i + 1] };

		bytes[i] = (char)strtoul(digits, NULL, 16);
	}
	return bytes;
}

static uint32_t mapfile_name_type(const char *kind, const char *name)
{
	if (!strcmp(kind, "file"))
		return VASMON_NAME_TYPE_FILE;
	if (!strcmp(kind, "anon-shmem"))
		return VASMON_NAME_TYPE_ANON_SHMEM;
	if (!strcmp(kind, "special"))
		return VASMON_NAME_TYPE_SPECIAL;
	return *name ? VASMON_NAME_TYPE_ANON : VASMON_NAME_TYPE_NONE;
}

static uint64_t mapfile_traits(struct json_object *o)
{
	struct json_object *list;
	uint64_t traits = 0;
	unsigned int bit;
	size_t i;

	if (!json_object_object_get_ex(o, "traits", &list) ||
	    !json_object_is_type(list, json_type_array))
		return 0;
	for (i = 0; i < json_object_array_length(list); i++) {
		const char *s = json_object_get_string(json_object_array_get_idx(list, i));

		for (bit = 0; s && words_trait(bit); bit++) {
			if (!strcmp(words_trait(bit), s))
				traits |= (uint64_t)1 << bit;
		}
	}
	return traits;
}

static int mapfile_region(struct json_object *o, struct space *space)
{
	const char *perms = mapfile_string(o, "perms"), *kind = mapfile_string(o, "kind");
	const char *dev = mapfile_string(o, "dev");
	struct region r = { 0 };
	uint64_t major = 0, minor = 0;
	char *name;
	int err;

	if (!mapfile_number(o, "start", &r.start) || !mapfile_number(o, "end", &r.end) ||
	    !perms || strlen(perms) != 4 || !kind)
		return -EBADMSG;
	name = mapfile_bytes(o, "name", "name_hex");
	if (!name)
		return -ENOMEM;
	r.prot = mapfile_prot(perms);
	r.name = name;
	r.name_type = mapfile_name_type(kind, name);
	mapfile_number(o, "offset", &r.offset);
	mapfile_number(o, "inode", &r.inode);
	mapfile_number(o, "vm_flags", &r.vm_flags);
	r.traits = mapfile_traits(o);
	if (dev && mapfile_hex(&dev, ':', &major) && mapfile_hex(&dev, 0, &minor)) {
		r.dev_major = (uint32_t)major;
		r.dev_minor = (uint32_t)minor;
	}
	err = space_append(space, &r);
	free(name);
	return err;
}

static int mapfile_record(struct json_object *o, struct mm *mm, struct space *space)
{
	const char *type = mapfile_string(o, "type"), *comm = mapfile_string(o, "comm");
	struct json_object *regions, *flag;
	uint64_t pid = 0;
	size_t i;
	int err = 0;

	if (!type || strcmp(type, "map") ||
	    !mapfile_number(o, "start_brk", &mm->layout.start_brk) ||
	    !mapfile_number(o, "brk", &mm->layout.brk) ||
	    !mapfile_number(o, "start_stack", &mm->layout.start_stack) ||
	    !json_object_object_get_ex(o, "regions", &regions) ||
	    !json_object_is_type(regions, json_type_array))
		return -EBADMSG;
	mm->layout.heap_inclusive = json_object_object_get_ex(o, "heap_inclusive", &flag) &&
				    json_object_get_boolean(flag);
	if (mapfile_number(o, "pid", &pid))
		mm->pid = (uint32_t)pid;
	if (comm)
		strncpy(mm->comm, comm, sizeof(mm->comm) - 1);
	for (i = 0; !err && i < json_object_array_length(regions); i++)
		err = mapfile_region(json_object_array_get_idx(regions, i), space);
	space->layout = mm->layout;
	return err;
}

/* Of several lines the first one is taken: what watch --json begins with. */
static int mapfile_json(const char *text, struct mm *mm, struct space *space)
{
	struct json_object *o = json_tokener_parse(text);
	int err = o ? mapfile_record(o, mm, space) : -EBADMSG;

	json_object_put(o);
	return err;
}

/**
 * mapfile_read - a map from a file's text
 * @text: the text
 * @len: bytes of it
 * @mm: zeroed; gets what there is; parse_mm_free() it, also after an error
 * @space: zeroed; space_free() it, also after an error
 * @plain: whether it was a copy of /proc/PID/maps, which tells of no break or flags
 *
 * Return: 0; -EBADMSG if it is neither; -ENOMEM.
 */
int mapfile_read(const char *text, size_t len, struct mm *mm, struct space *space, bool *plain)
{
	/* An empty file has no address. */
	char *copy = strndup(len ? text : "", len);
	int err;

	if (!copy)
		return -ENOMEM;
	*plain = copy[strspn(copy, " \t\n")] != '{';
	err = *plain ? mapfile_text(copy, space) : mapfile_json(copy, mm, space);
	free(copy);
	return err;
}

/**
 * mapfile_make_plain - leave of a map what /proc/PID/maps would have
 * @space: the map; [heap] and [stack] become names as the others in brackets are
 *
 * Return: 0, -ENOMEM.
 */
int mapfile_make_plain(struct space *space)
{
	int err = 0;
	size_t i;

	for (i = 0; !err && i < space->n; i++) {
		struct region r = *space_at(space, i);
		struct label label = label_of(&r, &space->layout);

		r.traits = 0;
		r.vm_flags = 0;
		if (label.kind == LABEL_HEAP || label.kind == LABEL_STACK) {
			r.name_type = VASMON_NAME_TYPE_SPECIAL;
			r.name = label.name;
		}
		err = space_replace(space, r.start, r.end, &r, 1);
	}
	space->layout = (struct layout){ 0 };
	return err;
}
