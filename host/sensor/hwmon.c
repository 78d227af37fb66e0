// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/file.h"
#include "host/sensor/hwmon.h"
#include "host/sensor/sensor_cpu.h"

enum {
	KIND_SHIFT = 12, /* in a sensor's part of the key: above the channel */
};

_Static_assert(HWMON_CHANNEL_MAX < 1 << KIND_SHIFT, "key");

static const struct kind {
	const char *name;
	enum wire_sensor_type type;
} kinds[] = {
	{ "temp", WIRE_SENSOR_MILLI_CELSIUS },
	{ "fan", WIRE_SENSOR_RPM },
	{ "in", WIRE_SENSOR_MILLI_VOLT },
	{ "power", WIRE_SENSOR_MICRO_WATT },
	{ "curr", WIRE_SENSOR_MILLI_AMPERE },
	{ "energy", WIRE_SENSOR_MICRO_JOULE },
};

/* Some chips have no momentary power, but its average. */
static bool is_value(const char *suffix, enum wire_sensor_type type)
{
	return !strcmp(suffix, "_input") ||
	       (type == WIRE_SENSOR_MICRO_WATT && !strcmp(suffix, "_average"));
}

bool hwmon_parse(const char *file, struct hwmon_input *in)
{
	size_t letters = strcspn(file, "0123456789"), i;
	unsigned long channel;
	char *end;

	if (!isdigit((unsigned char)file[letters]))
		return false;
	errno = 0;
	channel = strtoul(file + letters, &end, 10);
	if (errno || channel > HWMON_CHANNEL_MAX)
		return false;
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strlen(kinds[i].name) != letters ||
		    strncmp(kinds[i].name, file, letters) ||
		    !is_value(end, kinds[i].type))
			continue;
		in->type = kinds[i].type;
		in->kind = (uint32_t)i;
		in->channel = (uint32_t)channel;
		return snprintf(in->stem, sizeof(in->stem), "%.*s",
				(int)(end - file),
				file) < (int)sizeof(in->stem);
	}
	return false;
}

/* The files of a chip. */
struct listing {
	struct dirent **files;
	int count;
};

static bool has(const struct listing *l, const char *file)
{
	int i;

	for (i = 0; i < l->count; i++)
		if (!strcmp(l->files[i]->d_name, file))
			return true;
	return false;
}

/* "temp1_WHAT"; empty if the chip has no such file. */
static bool file_of(char *file, const struct hwmon_input *in, const char *what,
		    const struct listing *l)
{
	snprintf(file, SENSOR_FILE_MAX, "%s_%s", in->stem, what);
	if (has(l, file))
		return true;
	*file = '\0';
	return false;
}

/* Without a label of its own a sensor is called as its files: some drivers have
 * empty ones. Firmware's end without a newline.
 */
static void read_label(struct sensor_chip *c, const struct hwmon_input *in,
		       const struct listing *l, char *label)
{
	static const char blanks[] = " \t\r\n";
	char file[SENSOR_FILE_MAX];
	int n = -ENOENT;

	if (file_of(file, in, "label", l))
		n = host_bytes_at(c->dir, file, label, SENSOR_TEXT_MAX);
	while (n > 0 && strchr(blanks, label[n - 1]))
		n--;
	if (n <= 0 || n >= SENSOR_TEXT_MAX || memchr(label, '\0', (size_t)n)) {
		memcpy(label, in->stem, sizeof(in->stem));
		return;
	}
	label[n] = '\0';
	n -= (int)strspn(label, blanks);
	memmove(label, label + strspn(label, blanks), (size_t)n + 1);
}

/* Two sensors of a chip may have one label. */
static void tell_apart(const struct sensor_chip *c, const struct sensor *s,
		       const struct hwmon_input *in, char *label)
{
	size_t i, size = strlen(label);

	for (i = 0; i < c->count; i++)
		if (&c->sensors[i] != s && c->sensors[i].type == s->type &&
		    !strcmp(c->sensors[i].label, label))
			break;
	if (i < c->count)
		snprintf(label + size, SENSOR_TEXT_MAX - size, " (%s)",
			 in->stem);
}

static void add_sensor(struct sensor_chip *c, uint32_t number, const char *file,
		       const struct listing *l)
{
	char name[SENSOR_FILE_MAX], label[SENSOR_TEXT_MAX];
	struct hwmon_input in;
	struct sensor *s;

	if (!hwmon_parse(file, &in))
		return;
	if (file_of(name, &in, "input", l) && strcmp(file, name))
		return;
	read_label(c, &in, l, label);
	s = sensor_chip_add(c, file);
	if (!s)
		return;
	s->type = in.type;
	s->key = sensor_key(SENSOR_HWMON, number,
			    in.kind << KIND_SHIFT | in.channel);
	tell_apart(c, s, &in, label);
	memcpy(s->label, label, sizeof(label));
	file_of(s->max_file, &in, "max", l);
	file_of(s->critical_file, &in, "crit", l);
	if (file_of(name, &in, "fault", l))
		s->fault = host_number_open(c->dir, name);
}

/* "coretemp.0", "nvme0", "k10temp-0000:00:18.3": the device tells chips of one
 * name apart.
 */
static void set_title(struct sensor_chip *c)
{
	char path[PATH_MAX], *device;

	if (host_link_at(c->dir, "device", path, sizeof(path)) <= 0) {
		memcpy(c->title, c->name, sizeof(c->name));
		return;
	}
	device = strrchr(path, '/');
	device = device ? device + 1 : path;
	if (!strncmp(device, c->name, strlen(c->name)))
		snprintf(c->title, sizeof(c->title), "%.40s", device);
	else
		snprintf(c->title, sizeof(c->title), "%.40s-%.40s", c->name,
			 device);
}

static bool is_name(const char *name, int size)
{
	int i;

	for (i = 0; i < size; i++)
		if (!isgraph((unsigned char)name[i]) && name[i] != ' ')
			return false;
	return size > 0;
}

/* Without a name that can be shown a chip is called as its folder; one whose name cannot
 * be read now has another name later, and is left out until then.
 */
static int name_chip(struct sensor_chip *c, const char *folder)
{
	int n = sensor_text_at(c->dir, "name", c->name);

	if (n < 0 && n != -EINVAL && n != -EFBIG)
		return n;
	if (!is_name(c->name, n))
		snprintf(c->name, sizeof(c->name), "%s", folder);
	set_title(c);
	return 0;
}

static void add_sensors(struct sensor_chip *c, uint32_t number)
{
	struct listing l;
	int i;

	l.count = scandirat(c->dir, ".", &l.files, NULL, versionsort);
	if (l.count < 0)
		return;
	for (i = 0; i < l.count; i++)
		add_sensor(c, number, l.files[i]->d_name, &l);
	for (i = 0; i < l.count; i++)
		free(l.files[i]);
	free(l.files);
}

/* Those of the CPU are read from its registers, others over a bus, or by a
 * command to a disk.
 */
int hwmon_chip(int class, const char *name, struct sensor_chip **chip)
{
	struct sensor_chip *c;
	uint32_t number;
	int err;

	if (sscanf(name, "hwmon%u", &number) != 1)
		return -EINVAL;
	c = sensor_chip_new(class, name);
	if (!c)
		return -ENOENT;
	err = name_chip(c, name);
	if (!err)
		add_sensors(c, number);
	if (!err && !c->count)
		err = -ENOENT;
	if (err) {
		sensor_chip_free(c);
		return err;
	}
	sensor_cpu_label(c);
	c->probe.doubtful = !sensor_chip_cpu(c);
	*chip = c;
	return 0;
}
