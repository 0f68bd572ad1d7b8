CREATE EXTERNAL TABLE IF NOT EXISTS `network`.`vpc_flow_logs` (
  `version` int,
  `account_id` string,
  `interface_id` string,
  `srcaddr` string,
  `dstaddr` string,
  `srcport` int,
  `dstport` int,
  `protocol` int,
  `packets` bigint,
  `bytes` bigint,
  `start` bigint,
  `end` bigint,
  `action` string,
  `log_status` string
)
PARTITIONED BY (
  `log_account` string,
  `log_region` string,
  `log_day` string
)
STORED AS PARQUET
LOCATION 's3://my-logs/closed/AWSLogs/'
TBLPROPERTIES (
  'projection.enabled'='true',
  'projection.log_account.type'='enum',
  'projection.log_account.values'='123456789012',
  'projection.log_region.type'='enum',
  'projection.log_region.values'='ap-northeast-1',
  'projection.log_day.type'='date',
  'projection.log_day.format'='yyyy/MM/dd',
  'projection.log_day.range'='2026/06/01,NOW',
  'projection.log_day.interval'='1',
  'projection.log_day.interval.unit'='DAYS',
  'storage.location.template'='s3://my-logs/closed/AWSLogs/${log_account}/vpcflowlogs/${log_region}/${log_day}/'
);
