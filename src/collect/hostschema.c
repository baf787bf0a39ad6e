#include "collect/hostfields.h"

static const struct field host_fields[] = {HOST_FIELDS(SCHEMA_FIELD)};
static const struct field host_cpu_fields[] = {HOST_CPU_FIELDS(SCHEMA_FIELD)};
static const struct field host_memory_fields[] = {HOST_MEMORY_FIELDS(SCHEMA_FIELD)};
static const struct field host_disk_fields[] = {HOST_DISK_FIELDS(SCHEMA_FIELD)};
static const struct field host_fs_fields[] = {HOST_FS_FIELDS(SCHEMA_FIELD)};
static const struct field host_net_fields[] = {HOST_NET_FIELDS(SCHEMA_FIELD)};
static const struct field host_process_fields[] = {HOST_PROCESS_FIELDS(SCHEMA_FIELD)};
static const struct field host_processes_fields[] = {HOST_PROCESSES_FIELDS(SCHEMA_FIELD)};
static const struct field host_threads_fields[] = {HOST_THREADS_FIELDS(SCHEMA_FIELD)};

const struct schema host_schema = {"host", host_fields, N_HOST_FIELDS, HOST_NAME};
const struct schema host_cpu_schema = {"host_cpu", host_cpu_fields, N_HOST_CPU_FIELDS, HOST_CPU_NAME};
const struct schema host_memory_schema = {"host_memory", host_memory_fields, N_HOST_MEMORY_FIELDS, HOST_MEMORY_NAME};
const struct schema host_disk_schema = {"host_disk", host_disk_fields, N_HOST_DISK_FIELDS, HOST_DISK_NAME};
const struct schema host_fs_schema = {"host_fs", host_fs_fields, N_HOST_FS_FIELDS, HOST_FS_MOUNT};
const struct schema host_net_schema = {"host_net", host_net_fields, N_HOST_NET_FIELDS, HOST_NET_NAME};
const struct schema host_process_schema = {"host_process", host_process_fields, N_HOST_PROCESS_FIELDS, HOST_PROCESS_PID};
const struct schema host_processes_schema = {"host_processes", host_processes_fields, N_HOST_PROCESSES_FIELDS, HOST_PROCESSES_PID};
const struct schema host_threads_schema = {"host_threads", host_threads_fields, N_HOST_THREADS_FIELDS, HOST_THREADS_TID};
