// SPDX-License-Identifier: GPL-2.0-or-later
/* Arrays of disks, NFS' requests, compressed disks. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "host/part/part.h"
#include "lib/kernel/proc.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* --- md --------------------------------------------------------------------------- */

/**
 * struct array - as /proc/mdstat tells
 * @name: "md0"
 * @active: it is not stopped
 * @state: what it is at; "": nothing
 * @disks: all that are named
 * @failed: of them
 * @spare: of them
 * @required: disks that it should have
 * @working: and has
 * @counted: whether these two are known; not of arrays without spare copies
 * @blocks: of it
 * @synced: of them
 */
struct array {
	struct part_labels name;
	bool active;
	const char *state;
	uint64_t disks;
	uint64_t failed;
	uint64_t spare;
	uint64_t required;
	uint64_t working;
	bool counted;
	uint64_t blocks;
	uint64_t synced;
};

static bool is_in_line(const char *line, const char *word)
{
	const char *at = strstr(line, word);

	return at && at < line + strcspn(line, "\n");
}

/* "md0 : active raid1 sdb1[1] sda1[0](F)": false if the line is cut off. */
static bool take_array(struct array *a, const char *line)
{
	const char *at = part_next(line), *end = strchr(line, '\n');

	*a = (struct array){ .state = "" };
	if (!end || *at != ':')
		return false;
	part_label_size(&a->name, "device", line, part_word(line));
	at = part_next(at);
	a->active = !strncmp(at, "active ", 7);
	if (!a->active && strncmp(at, "inactive ", 9))
		return false;
	for (; part_word(at); at = part_next(at)) {
		const char *mark = memchr(at, '[', part_word(at));

		if (!mark)
			continue;
		a->disks++;
		mark = memchr(at, '(', part_word(at));
		a->failed += mark && mark[1] == 'F';
		a->spare += mark && mark[1] == 'S';
	}
	return true;
}

/* "[2/1]" */
static void take_disks(struct array *a, const char *line)
{
	const char *at, *end = line + strcspn(line, "\n");

	for (at = line; (at = memchr(at, '[', (size_t)(end - at))); at++) {
		const char *in = at + 1;

		if (*in >= '0' && *in <= '9' &&
		    proc_number(&in, &a->required) && *in++ == '/' &&
		    *in >= '0' && *in <= '9' && proc_number(&in, &a->working) &&
		    *in == ']') {
			a->counted = true;
			return;
		}
	}
}

static bool take_size(struct array *a, const char *line)
{
	const char *at = line + strspn(line, " ");

	if (*at < '0' || *at > '9' || !proc_number(&at, &a->blocks) ||
	    strncmp(at, " blocks", 7) || !strchr(line, '\n'))
		return false;
	a->synced = a->blocks;
	take_disks(a, line);
	return true;
}

/* "[=>..]  recovery = 12.6% (37043392/292945152) finish=127.5min speed=33440K/sec", or
 * "resync=PENDING".
 */
static void take_state(struct array *a, const char *line)
{
	static const char states[][2][12] = {
		{ "recovery", "recovering" }, { "resync", "resync" },
		{ "check", "check" },	      { "reshape", "reshape" },
		{ "repair", "repair" },
	};
	const char *at;
	uint64_t done;
	size_t i;

	for (i = 0; i < COUNT(states) && !is_in_line(line, states[i][0]); i++)
		;
	if (i == COUNT(states))
		return;
	a->state = states[i][1];
	a->synced = 0;
	at = strchr(line, '(');
	if (!at || at > line + strcspn(line, "\n"))
		return;
	at++;
	if (proc_number(&at, &done) && *at == '/')
		a->synced = done;
}

static void put_disks(struct parts *p, const struct array *a, const char *state,
		      uint64_t disks)
{
	struct part_labels l = a->name;

	part_label(&l, "state", state);
	part_put(p, "node_md_disks", &l, (double)disks);
}

static void put_state(struct parts *p, const struct array *a, const char *state,
		      bool is)
{
	struct part_labels l = a->name;

	part_label(&l, "state", state);
	part_put(p, "node_md_state", &l, is);
}

static void put_array(struct parts *p, const struct array *a)
{
	static const char states[][12] = { "recovering", "resync", "check",
					   "reshape", "repair" };
	size_t i;

	put_disks(p, a, "active",
		  a->counted ? a->working : a->disks - a->failed - a->spare);
	put_disks(p, a, "failed", a->failed);
	put_disks(p, a, "spare", a->spare);
	part_put(p, "node_md_disks_required", &a->name,
		 (double)(a->counted ? a->required : a->disks - a->spare));
	part_put(p, "node_md_blocks", &a->name, (double)a->blocks);
	part_put(p, "node_md_blocks_synced", &a->name, (double)a->synced);
	put_state(p, a, "active", a->active && !*a->state);
	put_state(p, a, "inactive", !a->active);
	for (i = 0; i < COUNT(states); i++)
		put_state(p, a, states[i], !strcmp(a->state, states[i]));
}

/* An array ends with an empty line: one that does not was cut off. */
void part_md(struct parts *p)
{
	const char *line = part_text(p, ".", "mdstat");
	bool open = false, sized = false;
	struct array a;

	for (; line && *line; line = proc_next_line(line)) {
		if (line[strspn(line, " ")] == '\n') {
			if (open && sized)
				put_array(p, &a);
			open = false;
		} else if (*line != ' ') {
			open = take_array(&a, line);
			sized = false;
		} else if (open && !sized) {
			sized = take_size(&a, line);
		} else if (open) {
			take_state(&a, line);
		}
	}
}

/* --- NFS -------------------------------------------------------------------------- */

/* In the order of the kernel's numbers: include/uapi/linux/nfs{2,3}.h, enum of
 * NFSPROC4_CLNT_ in include/linux/nfs4.h, and operations of RFC 7530 and 7862. "-": of
 * none.
 */
static const char version2[] =
	"Null GetAttr SetAttr Root Lookup ReadLink Read WrCache Write Create Remove Rename Link SymLink MkDir RmDir ReadDir FsStat";
static const char version3[] =
	"Null GetAttr SetAttr Lookup Access ReadLink Read Write Create MkDir SymLink MkNod Remove RmDir Rename Link ReadDir ReadDirPlus FsStat FsInfo PathConf Commit";
static const char version4[] =
	"Null Read Write Commit Open OpenConfirm OpenNoattr OpenDowngrade Close Setattr FsInfo Renew SetClientID SetClientIDConfirm Lock Lockt Locku Access Getattr Lookup LookupRoot Remove Rename Link Symlink Create Pathconf StatFs ReadLink ReadDir ServerCaps DelegReturn GetACL SetACL FsLocations ReleaseLockowner Secinfo FsidPresent ExchangeID CreateSession DestroySession Sequence GetLeaseTime ReclaimComplete LayoutGet GetDeviceInfo LayoutCommit LayoutReturn SecinfoNoName TestStateID FreeStateID GetDeviceList BindConnToSession DestroyClientID Seek Allocate DeAllocate LayoutStats Clone Copy OffloadCancel LookupP LayoutError CopyNotify GetXattr SetXattr ListXattrs RemoveXattr ReadPlus";
static const char operations4[] =
	"- - - Access Close Commit Create DelegPurge DelegReturn GetAttr GetFH Link Lock Lockt Locku Lookup LookupRoot Nverify Open OpenAttr OpenConfirm OpenDgrd PutFH PutPubFH PutRootFH Read ReadDir ReadLink Remove Rename Renew RestoreFH SaveFH SecInfo SetAttr SetClientID SetClientIDConfirm Verify Write RelLockOwner BackchannelCtl BindConnToSession ExchangeID CreateSession DestroySession FreeStateID GetDirDelegation GetDeviceInfo GetDeviceList LayoutCommit LayoutGet LayoutReturn SecInfoNoName Sequence SetSsv TestStateID WantDelegation DestroyClientID ReclaimComplete Allocate Copy CopyNotify DeAllocate IOAdvise LayoutError LayoutStats OffloadCancel OffloadStatus ReadPlus Seek WriteSame Clone GetXattr SetXattr ListXattrs RemoveXattr";

/* "proc3 22 0 5 ...": of what nobody asked for yet there is no row, as there is of a
 * counter that has not begun.
 */
static void put_requests(struct parts *p, const char *series, const char *line,
			 const char *version, const char *names)
{
	uint64_t count, value;
	unsigned int i;

	if (!part_number(line, 1, 10, &count) || count > 256 ||
	    !part_number(line, (unsigned int)count + 1, 10, &value))
		return;
	for (i = 0; i < count && part_word(names); i++) {
		struct part_labels l = { .used = 0 };

		if (*names != '-' && part_number(line, i + 2, 10, &value) &&
		    value) {
			part_label_size(&l, "method", names, part_word(names));
			part_label(&l, "proto", version);
			part_count(p, series, &l, value);
		}
		names = part_next(names);
	}
}

static void put_all(struct parts *p, const char *file, const char *series,
		    const char *fourth, const char *names4)
{
	const char *line = part_net_text(p, file);

	for (; line && *line; line = proc_next_line(line)) {
		if (proc_behind(line, "proc2 "))
			put_requests(p, series, line, "2", version2);
		else if (proc_behind(line, "proc3 "))
			put_requests(p, series, line, "3", version3);
		else if (proc_behind(line, fourth))
			put_requests(p, series, line, "4", names4);
	}
}

void part_nfs(struct parts *p)
{
	put_all(p, "rpc/nfs", "node_nfs_requests_total", "proc4 ", version4);
}

void part_nfsd(struct parts *p)
{
	put_all(p, "rpc/nfsd", "node_nfsd_requests_total", "proc4ops ",
		operations4);
}

/* --- zram --------------------------------------------------------------------------- */

static void put_zram(struct parts *p, const char *device, const char *text)
{
	static const char series[][32] = {
		"ktach_zram_original_bytes",	"ktach_zram_compressed_bytes",
		"ktach_zram_memory_bytes",	"ktach_zram_memory_limit_bytes",
		"ktach_zram_memory_peak_bytes", "ktach_zram_same_pages",
	};
	struct part_labels l = { .used = 0 };
	uint64_t value;
	unsigned int i;

	part_label(&l, "device", device);
	for (i = 0; i < COUNT(series); i++)
		if (part_number(text, i, 10, &value))
			part_put(p, series[i], &l, (double)value);
}

void part_zram(struct parts *p)
{
	int fd = host_dir(p->options->sys, "block");
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char path[300], text[256];
	const struct dirent *e;
	int n;

	while (dir && (e = readdir(dir))) {
		if (strncmp(e->d_name, "zram", 4))
			continue;
		snprintf(path, sizeof(path), "%s/mm_stat", e->d_name);
		n = host_text_at(fd, path, text, sizeof(text) - 1);
		if (n <= 0)
			continue;
		strcpy(text + n, "\n");
		put_zram(p, e->d_name, text);
	}
	if (dir)
		closedir(dir);
}
